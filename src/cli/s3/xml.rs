//! Reads the XML answers of S3 and STS.
//!
//! Comes in: an answer. Goes out: its elements as a tree. Never: an entity beyond XML's own five,
//! or deeper nesting than such answers have.

use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::Event;

/// How deep elements may be nested.
const DEEPEST: usize = 16;

/// An element.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Element {
    name: String,
    text: String,
    children: Vec<Element>,
}

impl Element {
    /// Parses a whole document; `None` if it is not XML or breaks off.
    pub(super) fn parse(document: &str) -> Option<Self> {
        let mut reader = Reader::from_str(document);
        let mut open = Vec::new();
        loop {
            match reader.read_event().ok()? {
                Event::Start(_) if open.len() == DEEPEST => return None,
                Event::Start(start) => open.push(Self::named(start.local_name().as_ref())),
                Event::Empty(empty) => {
                    let parent: &mut Self = open.last_mut()?;
                    parent
                        .children
                        .push(Self::named(empty.local_name().as_ref()));
                }
                Event::Text(text) => {
                    if let Some(element) = open.last_mut() {
                        element.text.push_str(&text.xml10_content());
                    }
                }
                Event::CData(text) => open.last_mut()?.text.push_str(&text),
                Event::GeneralRef(reference) => {
                    let text = &mut open.last_mut()?.text;
                    match reference.resolve_char_ref().ok()? {
                        Some(character) => text.push(character),
                        None => text.push_str(resolve_xml_entity(&reference)?),
                    }
                }
                Event::End(_) => {
                    let element = open.pop()?;
                    match open.last_mut() {
                        Some(parent) => parent.children.push(element),
                        None => return Some(element),
                    }
                }
                Event::Eof => return None,
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
            }
        }
    }

    fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ..Self::default()
        }
    }

    /// The element's name.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The children with a name.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The text of the first child with a name.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        let child = self.children.iter().find(|child| child.name == name);
        child.map(|child| child.text.trim())
    }

    /// The first element with a name, at any depth.
    pub(super) fn find(&self, name: &str) -> Option<&Self> {
        match self.name == name {
            true => Some(self),
            false => self.children.iter().find_map(|child| child.find(name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_found_by_name() {
        let text =
            r#"<?xml version="1.0"?><Error xmlns="x"><Code>A&amp;B&#33;</Code><Empty/></Error>"#;
        let error = Element::parse(text).expect("XML");
        assert_eq!(error.name(), "Error");
        assert_eq!(error.text("Code"), Some("A&B!"));
        assert_eq!(error.text("Empty"), Some(""));
        assert_eq!(
            error.find("Code").map(|code| code.text.as_str()),
            Some("A&B!")
        );
    }

    #[test]
    fn what_breaks_off_or_expands_is_refused() {
        let deep = "<a>".repeat(DEEPEST + 1);
        for text in ["", "no", "<a><b></b>", "<a>&more;</a>", "<a></b>", &deep] {
            assert_eq!(Element::parse(text), None, "{text}");
        }
    }
}
