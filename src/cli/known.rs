//! Values that an option is often given, for completions in shells.
//!
//! Comes in: a list of such values. Goes out: a parser that takes any text and tells clap of them. Never: a text
//! refused for not being among them; what is wrong is said where the value is understood.

use std::ffi::OsStr;

use clap::builder::{PossibleValue, StringValueParser, TypedValueParser};
use clap::{Arg, Command};

use crate::finding::codes;
use crate::report::PushGroup;
use crate::report::pages::page_codes;

/// Takes any text, and knows some.
#[derive(Clone, Copy, Debug)]
pub(super) struct KnownValues(fn() -> Vec<&'static str>);

/// The statuses of pushes.
pub(super) const STATUSES: KnownValues =
    KnownValues(|| PushGroup::ALL.map(PushGroup::name).to_vec());

/// The codes of findings.
pub(super) const FINDINGS: KnownValues = KnownValues(|| codes().map(|code| code.code).collect());

/// Everything that has a page.
pub(super) const PAGE_CODES: KnownValues = KnownValues(|| page_codes().collect());

impl TypedValueParser for KnownValues {
    type Value = String;

    fn parse_ref(
        &self,
        command: &Command,
        option: Option<&Arg>,
        value: &OsStr,
    ) -> Result<String, clap::Error> {
        StringValueParser::new().parse_ref(command, option, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new((self.0)().into_iter().map(PossibleValue::new)))
    }
}
