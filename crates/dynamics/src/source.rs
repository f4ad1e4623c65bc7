//! Where a law stands: its formula, the statement that it is from, and the file that computes it.

/// One of the laws that a process may know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Law {
    /// [`Process::exact`](crate::Process::exact).
    Exact,
    /// [`Process::cross_covariance`](crate::Process::cross_covariance).
    AcrossTime,
    /// [`Process::limit`](crate::Process::limit).
    Limit,
    /// [`Process::leading_order`](crate::Process::leading_order).
    LeadingOrder,
}

/// A law in words, for people who ask what a number was compared with.
///
/// Both texts stand in the documentation of the file as well, and a test holds them together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Source {
    /// The formula, a line each, in the symbols of the file's documentation.
    pub formula: &'static [&'static str],
    /// The statement of a paper, or how it was derived.
    pub statement: &'static str,
    /// The file that computes it, from the root of the repository.
    pub file: &'static str,
}

impl Source {
    /// A formula by `statement` in `file`, which is `file!()` of the process itself.
    #[must_use]
    pub const fn new(formula: &'static [&'static str], statement: &'static str, file: &'static str) -> Self {
        Source { formula, statement, file }
    }
}
