//! Tests that take long, or that need what not every machine has: they say so where they do nothing.

use std::io::Write as _;
use std::process::{Command, Stdio};

/// Whether slow tests are wanted; says so where `what` is skipped.
pub(crate) fn is_wanted(what: &str) -> bool {
    let is_wanted = std::env::var_os("SLOW").is_some_and(|value| value == "1");
    if !is_wanted {
        notice(&format!("SKIPPED {what}: it is slow; set SLOW=1, or run cargo xtask ci --slow"));
    }
    is_wanted
}

/// Whether a program can be started with these arguments; says so where `what` is skipped.
pub(crate) fn has(program: &str, arguments: &[&str], what: &str) -> bool {
    let ran = Command::new(program).args(arguments).stdin(Stdio::null()).output();
    let has = ran.is_ok_and(|output| output.status.success());
    if !has {
        notice(&format!("SKIPPED {what}: `{program} {}` does not work here", arguments.join(" ")));
    }
    has
}

/// Whether this process is root's, who may mount file systems; says so where `what` is skipped.
pub(crate) fn is_root(what: &str) -> bool {
    let is_root = rustix::process::geteuid().is_root();
    if !is_root {
        notice(&format!("SKIPPED {what}: it needs root"));
    }
    is_root
}

/// A line on standard error that the test harness does not swallow.
pub(crate) fn notice(line: &str) {
    // Nobody may be there to read it.
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}
