//! Tables of distinct values, and small ids for them.
//!
//! Comes in: values, as often as they occur. Goes out: a four-byte id for each, and the value for
//! an id. Never: an order; ids follow first insertion and are shown to nobody.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::marker::PhantomData;
use std::num::NonZeroU32;

use foldhash::fast::RandomState;
use indexmap::{Equivalent, IndexMap, IndexSet};

/// A map with ids as keys or similar, with a hash that is fast for them; never iterated.
pub type IdMap<K, V> = HashMap<K, V, RandomState>;

/// A set of ids or similar, with a hash that is fast for them; never iterated.
pub type IdSet<K> = HashSet<K, RandomState>;

/// A map with the same hash that is iterated in the order of insertion.
pub type OrderedMap<K, V> = IndexMap<K, V, RandomState>;

/// An id that a [`Table`] hands out.
pub trait Id: Copy {
    /// Makes the id of a position in its table.
    fn from_index(index: usize) -> Self;
    /// The position in its table.
    fn index(self) -> usize;
}

/// Makes a four-byte newtype id, whose `Option` also takes four bytes.
macro_rules! id_type {
    ($(#[$doc:meta])* $vis:vis $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $vis struct $name(std::num::NonZeroU32);

        impl $crate::event::intern::Id for $name {
            fn from_index(index: usize) -> Self {
                Self($crate::event::intern::nonzero(index))
            }
            fn index(self) -> usize {
                self.0.get() as usize - 1
            }
        }
    };
}
pub(crate) use id_type;

/// The number of the id for a position.
///
/// # Panics
/// Above 2³²−2 distinct values; at over 30 bytes each that is more than 100 GB of table.
pub(crate) fn nonzero(index: usize) -> NonZeroU32 {
    u32::try_from(index + 1)
        .ok()
        .and_then(NonZeroU32::new)
        .expect("fewer than 2^32 - 1 distinct values")
}

/// The id of the value that was looked up last, which is often the next one, too.
#[derive(Clone, Copy, Debug)]
pub(super) struct Recent<I>(Option<I>);

impl<I> Default for Recent<I> {
    fn default() -> Self {
        Self(None)
    }
}

impl<I: Id> Recent<I> {
    /// Like [`Table::intern`]; always for one table.
    pub(super) fn intern<T, Q>(
        &mut self,
        table: &mut Table<I, T>,
        probe: &Q,
        own: impl FnOnce() -> T,
    ) -> I
    where
        T: Hash + Eq,
        Q: ?Sized + Hash + Equivalent<T>,
    {
        match self.0 {
            Some(id) if probe.equivalent(table.get(id)) => id,
            Some(_) | None => *self.0.insert(table.intern(probe, own)),
        }
    }
}

/// The distinct values of one kind, in the order of first insertion.
#[derive(Clone, Debug)]
pub struct Table<I, T> {
    values: IndexSet<T, RandomState>,
    ids: PhantomData<I>,
}

impl<I, T> Default for Table<I, T> {
    fn default() -> Self {
        Self {
            values: IndexSet::default(),
            ids: PhantomData,
        }
    }
}

impl<I: Id, T: Hash + Eq> Table<I, T> {
    /// An empty table with room for `n` values.
    #[must_use]
    pub fn with_capacity(n: usize) -> Self {
        Self {
            values: IndexSet::with_capacity_and_hasher(n, RandomState::default()),
            ids: PhantomData,
        }
    }

    /// The id of `value`, which is added if it is new.
    pub fn insert(&mut self, value: T) -> I {
        I::from_index(self.values.insert_full(value).0)
    }

    /// The id of a value equal to `probe`; `own` makes the value only if it is new.
    pub fn intern<Q>(&mut self, probe: &Q, own: impl FnOnce() -> T) -> I
    where
        Q: ?Sized + Hash + Equivalent<T>,
    {
        match self.values.get_index_of(probe) {
            Some(index) => I::from_index(index),
            None => self.insert(own()),
        }
    }

    /// The id of a value equal to `probe`, if it is in the table.
    #[must_use]
    pub fn find<Q>(&self, probe: &Q) -> Option<I>
    where
        Q: ?Sized + Hash + Equivalent<T>,
    {
        self.values.get_index_of(probe).map(I::from_index)
    }

    /// The value of an id.
    ///
    /// # Panics
    /// If another table gave out the id.
    #[must_use]
    pub fn get(&self, id: I) -> &T {
        &self.values[id.index()]
    }

    /// The number of distinct values.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether nothing was inserted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Replaces every value by another; ids stay.
    ///
    /// Values stay distinct. `make` is called with 0. If it returns a value that is there already,
    /// it is called again with higher numbers, and must return another value for each.
    pub fn replace(&mut self, mut make: impl FnMut(&T, usize) -> T) {
        let mut replaced = IndexSet::default();
        for value in &self.values {
            let mut attempt = 0;
            while !replaced.insert(make(value, attempt)) {
                // The number of values so far is a new attempt for all of them, so few attempts are
                // needed.
                attempt = replaced.len().max(attempt) + 1;
            }
        }
        self.values = replaced;
    }

    /// The values with their ids, in the order of insertion.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (I, &T)> {
        self.values
            .iter()
            .enumerate()
            .map(|(index, value)| (I::from_index(index), value))
    }
}
