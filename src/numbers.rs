//! Numbers for tests that try many inputs.
//!
//! Comes in: a seed. Goes out: numbers that look random. Never: others on another run.

/// Numbers below what is asked for, the same for the same seed (xorshift64).
pub(crate) fn numbers(mut state: u64) -> impl FnMut(usize) -> usize {
    move |bound| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % bound as u64).expect("below a usize")
    }
}
