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

/// What this change touches; the whole is thousands of builds, for which docs/mutation.md has another way.
const MUTANTS: &str = "git diff main -- crates > target/change.diff && \
     if [ -s target/change.diff ]; then cargo mutants --in-diff target/change.diff; fi";

const SLOW: [Step; 5] = [
    Step {
        name: "slow tests",
        command: &["env", "SLOW=1", "cargo", "test", "--package", "tests", "--no-fail-fast"],
        needs: None,
    },
    Step { name: "fuzzing of specs", command: &fuzz("spec"), needs: Some("cargo-fuzz") },
    Step { name: "fuzzing of expressions", command: &fuzz("expression"), needs: Some("cargo-fuzz") },
    Step { name: "fuzzing of data files", command: &fuzz("data"), needs: Some("cargo-fuzz") },
    Step { name: "mutants of this change", command: &["sh", "-c", MUTANTS], needs: Some("cargo-mutants") },
];

/// Ten minutes of a fuzzer, also with a stable compiler.
const fn fuzz(target: &'static str) -> [&'static str; 9] {
    ["env", "RUSTC_BOOTSTRAP=1", "cargo", "fuzz", "run", target, "--sanitizer=none", "--", "-max_total_time=600"]
}

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
