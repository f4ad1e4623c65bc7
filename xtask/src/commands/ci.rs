//! `ci`: what must pass before a change lands, quick parts first.

use std::process::Command;

use crate::exit::Exit;
use crate::output::{complain, print};

/// A step: its name, the program, its arguments, and what it needs to be installed.
struct Step {
    name: &'static str,
    command: &'static [&'static str],
    needs: Option<&'static str>,
}

const FAST: [Step; 1] = [Step { name: "format, lints, docs, reports and tests", command: &[".ci/run"], needs: None }];

const SLOW: [Step; 5] = [
    Step {
        name: "slow tests",
        command: &["env", "SLOW=1", "cargo", "test", "--package", "tests", "--no-fail-fast"],
        needs: None,
    },
    Step {
        name: "fuzzing of specs",
        command: &["cargo", "fuzz", "run", "spec", "--sanitizer", "none", "--", "-max_total_time=600"],
        needs: Some("cargo-fuzz"),
    },
    Step {
        name: "fuzzing of expressions",
        command: &["cargo", "fuzz", "run", "expression", "--sanitizer", "none", "--", "-max_total_time=600"],
        needs: Some("cargo-fuzz"),
    },
    Step {
        name: "fuzzing of data files",
        command: &["cargo", "fuzz", "run", "data", "--sanitizer", "none", "--", "-max_total_time=600"],
        needs: Some("cargo-fuzz"),
    },
    Step { name: "mutants", command: &["cargo", "mutants"], needs: Some("cargo-mutants") },
];

/// Runs all steps, also after one that fails, and says which failed.
pub(crate) fn ci(is_slow: bool) -> Exit {
    let slow = if is_slow { &SLOW[..] } else { &[] };
    let mut failed = Vec::new();
    for step in FAST.iter().chain(slow) {
        print(&format!("==> {}: {}", step.name, step.command.join(" ")));
        if let Some(program) = step.needs
            && Command::new(program).arg("--version").output().is_err()
        {
            print(&format!("skipped: {program} is not installed (cargo install {program})"));
            continue;
        }
        let (program, arguments) = (step.command[0], &step.command[1..]);
        match Command::new(program).args(arguments).status() {
            Ok(status) if status.success() => {}
            Ok(_) => failed.push(step.name),
            Err(error) => {
                complain(format!("error: cannot start {program}: {error}"));
                failed.push(step.name);
            }
        }
    }
    if failed.is_empty() {
        print("==> all passed");
        return Exit::Success;
    }
    complain(format!("error: {} failed", failed.join(", ")));
    Exit::Refuted
}
