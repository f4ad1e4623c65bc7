//! Runs the real command line in a folder of its own.

#![allow(dead_code, reason = "each test file uses a part")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::edited;

/// A folder with `specs/`, in which the command line runs.
pub(crate) struct Workplace {
    folder: TempDir,
}

/// What a command printed, and its exit code.
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Workplace {
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        std::fs::create_dir(folder.path().join("specs")).expect("a folder of specs");
        Workplace { folder }
    }

    /// A workplace with one spec.
    pub(crate) fn with(name: &str, text: &str) -> Self {
        let workplace = Workplace::new();
        workplace.write(&format!("specs/{name}.toml"), text);
        workplace
    }

    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.folder.path().join(relative)
    }

    pub(crate) fn write(&self, relative: &str, text: &str) {
        let path = self.path(relative);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a writable folder");
        std::fs::write(path, text).expect("a writable folder");
    }

    /// The command, ready to start.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask-under-test"));
        command.args(arguments).current_dir(self.folder.path()).stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(&self.command(arguments).output().expect("the binary starts"))
    }

    /// Starts the run of a spec on one thread, and waits until `parts` parts are stored.
    pub(crate) fn started(&self, name: &str, parts: usize) -> Child {
        let mut command = self.command(&["run", &format!("specs/{name}.toml"), "--threads", "1"]);
        let child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("starts");
        let folder = self.path(&format!("reports/{name}/parts"));
        let patience = Instant::now();
        let is_published = |name: &str| name.ends_with(".parquet") && !name.starts_with(".tmp-");
        let stored = || {
            std::fs::read_dir(&folder).map_or(0, |entries| {
                let names = entries.filter_map(|entry| Some(entry.ok()?.file_name().to_string_lossy().into_owned()));
                names.filter(|name| is_published(name)).count()
            })
        };
        while stored() < parts {
            assert!(patience.elapsed() < Duration::from_secs(60), "no part appears");
            std::thread::sleep(Duration::from_millis(2));
        }
        child
    }

    /// The bytes of every published file below a folder, except the lock.
    pub(crate) fn contents(&self, relative: &str) -> BTreeMap<String, Vec<u8>> {
        let mut contents = BTreeMap::new();
        let root = self.path(relative);
        gather(&root, &root, &mut contents);
        contents
    }
}

impl Ran {
    pub(crate) fn of(output: &Output) -> Self {
        Ran {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Everything that a person would see, for snapshots.
    pub(crate) fn seen(&self) -> String {
        format!("exit code: {:?}\n--- stdout\n{}\n--- stderr\n{}", self.code, self.stdout, self.stderr)
    }
}

fn gather(root: &Path, folder: &Path, contents: &mut BTreeMap<String, Vec<u8>>) {
    for entry in std::fs::read_dir(folder).expect("a readable folder") {
        let path = entry.expect("a readable entry").path();
        let name = path.strip_prefix(root).expect("below the root").display().to_string();
        if path.is_dir() {
            gather(root, &path, contents);
        } else if !name.ends_with("run.lock") && !name.ends_with("costs.toml") {
            contents.insert(name, std::fs::read(&path).expect("a readable file"));
        }
    }
}

/// A small valid experiment: two cells, a claim that holds, a figure; a tenth of a second.
pub(crate) const SMALL: &str = r#"
schema = 1
title = "a small experiment"
seed = 1
source = { paper = "arXiv:2603.02417v4", statements = ["Proposition 5.13"] }
sampling.gaussian.batch_size = 2
replicates.count = 4096

[problem.quadratic]
dimension = 4
curvature.log_spaced = { from = 1.0, to = 4.0 }
noise.random_spd = { from = 1.0, to = 8.0, trace = 4.0, seed = 1 }

[process.sgd]
step_size.constant = 0.1
start.random_point = { radius = 1.0, seed = 1 }
horizon.steps = 40
record.logarithmic = 4

[sweep.grid]
"process.sgd.step_size.constant" = [0.1, 0.05]

[[measure]]
name = "risk"
observe.quadratic = "fisher"
scale = "b / eta"

[[claim]]
name = "exact"
says = "The risk follows its exact law."
measure = "risk"
against.exact = { resolution = 0.15 }

[[figure]]
name = "risk"
title = "Risk along the path"
draw.curves = { measure = "risk", x = "step", y_label = "scaled risk" }
"#;

/// [`SMALL`] with eight points instead of two: as quick, with something to share out.
pub(crate) fn sweep() -> String {
    edited(SMALL, &[("[0.1, 0.05]", "[0.1, 0.09, 0.08, 0.07, 0.06, 0.05, 0.04, 0.03]")])
}

/// The same with more to do: a second or two on one thread.
pub(crate) fn slow() -> String {
    edited(&sweep(), &[("dimension = 4", "dimension = 40"), ("replicates.count = 4096", "replicates.count = 20480")])
}
