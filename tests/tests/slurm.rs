//! A real SLURM cluster of two nodes on this machine, and GNU parallel: a killed shard is run again, and the merged results
//! are those of a single run, byte for byte.

#![cfg(target_os = "linux")]

mod common;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use common::cli::{Ran, Workplace, slow};
use common::edited;
use common::slow::{has, is_root, is_wanted};

const SPEC: &str = "specs/long.toml";

/// Eight cells of some seconds each.
fn long() -> String {
    edited(&slow(), &[("replicates.count = 20480", "replicates.count = 400000")])
}

fn scripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("cluster")
}

/// A cluster that ends with the test.
struct Cluster {
    root: tempfile::TempDir,
}

impl Cluster {
    fn start() -> Self {
        let root = tempfile::tempdir().expect("a folder");
        let mut up = Command::new(scripts().join("slurm-up.sh"));
        let output = up.arg(root.path()).args(["2", "1"]).stdin(Stdio::null()).stdout(Stdio::null()).status();
        assert!(output.expect("starts").success(), "the cluster does not come up");
        Cluster { root }
    }

    fn command(&self, mut command: Command) -> Command {
        command.env("SLURM_CONF", self.root.path().join("slurm.conf"));
        command
    }

    fn slurm(&self, program: &str, arguments: &[&str]) -> String {
        let mut command = Command::new(program);
        command.args(arguments);
        let output = self.command(command).output().expect("starts");
        assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Waits until no job is left.
    fn wait(&self) {
        let patience = Instant::now();
        while !self.slurm("squeue", &["-h"]).trim().is_empty() {
            assert!(patience.elapsed() < Duration::from_secs(600), "{}", self.slurm("squeue", &[]));
            std::thread::sleep(Duration::from_millis(300));
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let _ = Command::new(scripts().join("slurm-down.sh")).arg(self.root.path()).status();
    }
}

/// The process of a shard, once it runs.
fn process_of(shard: &str) -> u32 {
    let patience = Instant::now();
    loop {
        for entry in std::fs::read_dir("/proc").expect("processes").flatten() {
            let Ok(id) = entry.file_name().to_string_lossy().parse() else { continue };
            let line = std::fs::read_to_string(entry.path().join("cmdline")).unwrap_or_default();
            if line.contains(SPEC) && line.split('\0').any(|word| word == shard) {
                return id;
            }
        }
        assert!(patience.elapsed() < Duration::from_secs(120), "shard {shard} does not start");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn published(workplace: &Workplace, folder: &str) -> std::collections::BTreeMap<String, Vec<u8>> {
    let mut contents = workplace.contents(folder);
    contents.retain(|name, _| !name.starts_with("slurm/") && !name.starts_with("log"));
    contents
}

#[test]
fn a_cluster_gives_the_bytes_of_a_single_run_though_a_shard_is_killed() {
    let what = "a SLURM cluster of two nodes";
    if !is_wanted(what) || !is_root(what) || !has("slurmctld", &["-V"], what) || !has("munged", &["-V"], what) {
        return;
    }
    let workplace = Workplace::with("long", &long());
    assert_eq!(workplace.run(&["run", SPEC, "--out", "whole"]).code, Some(0));
    let whole = published(&workplace, "whole/long");
    let cluster = Cluster::start();
    let run = |arguments: &[&str]| Ran::of(&cluster.command(workplace.command(arguments)).output().expect("starts"));
    let submitted = run(&["slurm", SPEC, "--shards", "8", "--submit"]);
    assert_eq!(submitted.code, Some(0), "{}", submitted.stderr);
    let killed = process_of("5/8");
    let kill = Command::new("kill").args(["-s", "KILL", &killed.to_string()]).status();
    assert!(kill.expect("kill").success());
    cluster.wait();
    let status = run(&["status", SPEC, "--missing"]);
    assert_eq!(status.stdout, "5\n", "{}", status.stderr);
    let merged = run(&["merge", SPEC]);
    assert!(merged.code == Some(3) && merged.stderr.contains("shard 5 of 8"), "{}", merged.stderr);
    let script = workplace.path("reports/long/slurm/shards.sbatch").display().to_string();
    cluster.slurm("sbatch", &["--test-only", "--array=5", &script]);
    let again = run(&["slurm", SPEC, "--missing", "--submit"]);
    assert_eq!(again.code, Some(0), "{}", again.stderr);
    cluster.wait();
    assert!(whole == published(&workplace, "reports/long"), "merged by the cluster");
}

#[test]
fn gnu_parallel_gives_the_bytes_of_a_single_run_though_a_shard_is_killed() {
    let what = "GNU parallel";
    if !is_wanted(what) || !has("parallel", &["--version"], what) {
        return;
    }
    let workplace = Workplace::with("long", &long());
    assert_eq!(workplace.run(&["run", SPEC, "--out", "whole"]).code, Some(0));
    let binary = workplace.command(&[]).get_program().to_string_lossy().into_owned();
    let line = format!(
        "seq 0 8 | parallel -j2 --joblog log --resume --retries 3 {binary} run {SPEC} --threads 1 --shard {{}}/9"
    );
    let mut shell = Command::new("bash");
    shell.args(["-c", &line]).current_dir(workplace.path(".")).stdin(Stdio::null()).stdout(Stdio::null());
    let mut parallel = shell.spawn().expect("starts");
    let kill = Command::new("kill").args(["-s", "KILL", &process_of("5/9").to_string()]).status();
    assert!(kill.expect("kill").success());
    assert!(parallel.wait().expect("ends").success(), "a killed shard is tried again");
    assert_eq!(workplace.run(&["merge", SPEC]).code, Some(0));
    assert!(published(&workplace, "whole/long") == published(&workplace, "reports/long"));
}
