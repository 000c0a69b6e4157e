//! The class of a call, by its main cost.

/// A call's main cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Next to nothing. It reports the health of the process and must be answered when nothing else is.
    Probe,
    /// Reads the store.
    Read,
    /// Waits for the store's writer.
    Write,
    /// Hashes a password.
    Hash,
    /// Brings a part of many rows, which are written in slices; it rests while others wait.
    Import,
}
