//! Whether a process may be built with steps at which its second moment grows.

/// Which steps a process accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Stability {
    /// Those at which the second moment contracts; others are refused.
    #[default]
    Required,
    /// Any: an escape can be followed over finitely many steps, and its exact law is the same recursion. Where the second
    /// moment does not contract there is no stationary law.
    Any,
}
