//! What the exit code says.

use std::process::ExitCode;

use engine::store::StoreError;
use engine::{EngineError, LoadError, Verdict};

/// The documented exit codes.
pub(crate) const TABLE: &str = "Exit codes:
    0  all claims hold
    1  a claim is refuted
    2  wrong usage, or a bad spec
    3  a claim is undecided, or results are missing or incomplete
    4  a file cannot be read or written, or is corrupt
    5  the output folder is in use by another run
   70  a bug of ours
  130  interrupted (143: terminated); the same command goes on from there";

/// How a command ended. Of several specs, the last in this order counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    Success,
    Undecided,
    Refuted,
    Usage,
    Busy,
    Io,
    Bug,
    /// By the signal of this number.
    Interrupted(u8),
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(match exit {
            Exit::Success => 0,
            Exit::Refuted => 1,
            Exit::Usage => 2,
            Exit::Undecided => 3,
            Exit::Io => 4,
            Exit::Busy => 5,
            Exit::Bug => 70,
            Exit::Interrupted(signal) => 128_u8.saturating_add(signal),
        })
    }
}

impl From<Verdict> for Exit {
    fn from(verdict: Verdict) -> Exit {
        match verdict {
            Verdict::Holds => Exit::Success,
            Verdict::Refuted => Exit::Refuted,
            Verdict::Undecided => Exit::Undecided,
        }
    }
}

impl From<&LoadError> for Exit {
    fn from(error: &LoadError) -> Exit {
        match error {
            LoadError::Unreadable { source, .. } if source.kind() != std::io::ErrorKind::NotFound => Exit::Io,
            _ => Exit::Usage,
        }
    }
}

impl From<&EngineError> for Exit {
    fn from(error: &EngineError) -> Exit {
        match error {
            EngineError::Store(StoreError::Busy { .. }) => Exit::Busy,
            EngineError::Store(StoreError::Foreign { .. }) => Exit::Usage,
            EngineError::Store(
                StoreError::Missing { .. }
                | StoreError::Incomplete { .. }
                | StoreError::Unmerged { .. }
                | StoreError::Stale { .. },
            ) => Exit::Undecided,
            EngineError::TooMuchWork(_) => Exit::Usage,
            EngineError::Store(_) | EngineError::Threads(_) => Exit::Io,
            // Which signal it was is known to the caller only.
            EngineError::Interrupted { .. } | EngineError::Stopped => Exit::Undecided,
            _ => Exit::Bug,
        }
    }
}
