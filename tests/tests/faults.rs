//! Faults of the machine, injected one by one: kills and errors at every system call that matters, full and read-only disks,
//! damage to every byte, signals at any time. Whatever happens, nothing false is believed, and the next run ends with the
//! same bytes.

#![cfg(target_os = "linux")]

mod common;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use common::cli::{Ran, SMALL, Workplace, slow};
use common::slow::{has, is_root, is_wanted};
use common::{edited, parse};
use engine::layout::Layout;
use engine::store::parts::{Found, Parts};
use engine::store::{Manifest, Results};

const RUN: [&str; 4] = ["run", "specs/small.toml", "--threads", "1"];

/// The small experiment after an edit: one cell of two is new, the other stays, and the verdicts change.
fn later() -> String {
    edited(SMALL, &[("[0.1, 0.05]", "[0.1, 0.04]"), ("resolution = 0.15", "resolution = 0.2")])
}

/// Results of the small experiment, and a later text of its spec.
fn before_an_edit() -> Workplace {
    let workplace = Workplace::with("small", SMALL);
    assert_eq!(workplace.run(&RUN).code, Some(0));
    workplace.write("specs/small.toml", &later());
    workplace
}

/// The same run under strace with a fault at the n-th call of a thread; `None` once there is no such call any more.
fn with_fault(workplace: &Workplace, call: &str, fault: &str, n: usize) -> Option<Ran> {
    let log = workplace.path("strace.log");
    let binary = workplace.command(&[]).get_program().to_owned();
    let mut command = Command::new("strace");
    command.args(["-f", "-o"]).arg(&log).args(["-e", &format!("trace={call}")]);
    command.args(["-e", &format!("inject={call}:{fault}:when={n}")]).arg(binary).args(RUN);
    let ran = Ran::of(&command.current_dir(workplace.path(".")).output().expect("strace starts"));
    let log = std::fs::read_to_string(log).unwrap_or_default();
    (log.contains("INJECTED") || log.contains("killed by SIGKILL")).then_some(ran)
}

/// What stands under final names is either vouched for by a manifest, or by none.
fn assert_nothing_false(workplace: &Workplace, when: &str) {
    let folder = workplace.path("reports/small");
    match Manifest::read(&folder) {
        Ok(manifest) => manifest.verify(&folder).unwrap_or_else(|error| panic!("{when}: {error}")),
        Err(error) => assert!(matches!(error, engine::store::StoreError::Missing { .. }), "{when}: {error}"),
    }
}

/// Faults at the first, second, … call, each on results as they were before, until there is no such call.
fn at_every(call: &str, fault: &str, check: impl Fn(&Workplace, &Ran, usize, &BTreeMap<String, Vec<u8>>)) -> usize {
    let start = before_an_edit();
    let old = start.contents("reports/small");
    assert_eq!(start.run(&RUN).code, Some(0));
    let new = start.contents("reports/small");
    // A run has a dozen such calls: every one of them, or every third.
    let step = if is_wanted(&format!("{fault} at every {call}, not only at every third")) { 1 } else { 3 };
    for n in (1..).step_by(step) {
        let workplace = before_an_edit();
        let Some(ran) = with_fault(&workplace, call, fault, n) else { return n - step };
        let when = format!("{fault} at {call} {n}");
        assert_nothing_false(&workplace, &when);
        check(&workplace, &ran, n, &old);
        let again = workplace.run(&RUN);
        assert_eq!(again.code, Some(0), "{when}: {}", again.stderr);
        assert!(new == workplace.contents("reports/small"), "{when}: other bytes");
    }
    unreachable!("a run ends")
}

#[test]
fn a_kill_at_any_write_rename_or_sync_leaves_nothing_false() {
    if !has("strace", &["-V"], "kills at every system call") {
        return;
    }
    for (call, at_least) in [("write", 8), ("renameat", 4), ("fsync", 8), ("unlink", 1)] {
        let kills = at_every(call, "signal=KILL", |_, ran, n, _| assert_eq!(ran.code, None, "{call} {n}"));
        assert!(kills >= at_least, "{kills} kills at {call}");
    }
}

#[test]
fn an_error_of_the_disk_is_said_and_leaves_no_temporary_file() {
    if !has("strace", &["-V"], "errors of the disk") {
        return;
    }
    for (call, error, text) in [("fsync", "EIO", "Input/output error"), ("renameat", "ENOSPC", "No space left")] {
        let failures = at_every(call, &format!("error={error}"), |workplace, ran, n, old| {
            assert_eq!(ran.code, Some(4), "{call} {n}: {}", ran.stderr);
            assert!(ran.stderr.contains(text) && ran.stderr.contains("reports/small"), "{call} {n}: {}", ran.stderr);
            let left = workplace.contents("reports/small");
            assert!(left.keys().all(|name| !name.contains("tmp-")), "{call} {n}: {:?}", left.keys());
            // The old results go only when all that replaces them is safe on the disk: in the thread that publishes after two
            // syncs of the costs and one of each of five files.
            let tables = ["cells.parquet", "claims.parquet", "manifest.toml"];
            let is_old = tables.iter().all(|name| old.get(*name) == left.get(*name));
            assert!(is_old || call != "fsync" || n > 7, "fsync {n}: the old results are gone");
        });
        assert!(failures >= 4, "{failures} failures of {call}");
    }
}

/// A file system of its own, which goes with it.
struct Mounted<'a> {
    workplace: &'a Workplace,
}

impl<'a> Mounted<'a> {
    /// `None`, with a notice, where none may be mounted.
    fn new(workplace: &'a Workplace, options: &str) -> Option<Self> {
        std::fs::create_dir_all(workplace.path("disk")).expect("writable");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(workplace.path("disk"));
        let is_mounted = mount.output().is_ok_and(|output| output.status.success());
        if !is_mounted {
            common::slow::notice("SKIPPED a disk of its own: nothing can be mounted here");
        }
        is_mounted.then_some(Mounted { workplace })
    }

    fn remount(&self, options: &str) {
        let mut mount = Command::new("mount");
        mount.args(["-o", &format!("remount,{options}")]).arg(self.workplace.path("disk"));
        assert!(mount.status().expect("mount").success());
    }
}

impl Drop for Mounted<'_> {
    fn drop(&mut self) {
        // The folder is temporary in any case.
        let _ = Command::new("umount").arg(self.workplace.path("disk")).status();
    }
}

/// A command that ends within a second, at least once in three times: other work may take the processor.
fn at_once(run: impl Fn() -> Ran) -> Ran {
    let tries = (0..3).map(|_| {
        let started = Instant::now();
        (run(), started.elapsed())
    });
    let quick = tries.into_iter().find(|(_, took)| *took < Duration::from_secs(1));
    quick.expect("it ends within a second").0
}

fn run_on_disk(workplace: &Workplace) -> Ran {
    workplace.run(&["run", "specs/small.toml", "--out", "disk/reports"])
}

#[test]
fn a_full_disk_leaves_old_results_and_no_temporary_file() {
    let workplace = Workplace::with("small", SMALL);
    if !is_root("a full disk") {
        return;
    }
    let Some(_disk) = Mounted::new(&workplace, "size=1m") else { return };
    assert_eq!(run_on_disk(&workplace).code, Some(0));
    let old = workplace.contents("disk/reports/small");
    workplace.write("specs/small.toml", &later());
    workplace.run(&["run", "specs/small.toml", "--out", "elsewhere"]);
    // Room for more and more: for no part, for the part and not for all tables, at last for all.
    let filler = workplace.path("disk/filler");
    let mut failures = 0;
    for pages in (0..).step_by(2) {
        let of_disk = rustix::fs::statvfs(workplace.path("disk")).expect("a disk");
        let free = usize::try_from(of_disk.f_bavail * of_disk.f_frsize).expect("a megabyte");
        std::fs::write(&filler, vec![1; free.saturating_sub(4096 * pages)]).expect("room for it");
        let ran = run_on_disk(&workplace);
        if ran.code == Some(0) {
            break;
        }
        failures += 1;
        assert_eq!(ran.code, Some(4), "{}", ran.stderr);
        assert!(ran.stderr.contains("No space left") || ran.stderr.contains("has room for"), "{}", ran.stderr);
        let left = workplace.contents("disk/reports/small");
        assert!(old.iter().all(|(name, content)| left.get(name) == Some(content)), "old results are gone");
        assert!(left.keys().all(|name| !name.contains("tmp-")), "{:?}", left.keys());
        std::fs::remove_file(&filler).expect("removable");
    }
    assert!(failures > 2, "{failures} times the disk was full");
    let tables = |folder: &str| -> Vec<Vec<u8>> {
        let contents = workplace.contents(folder);
        ["cells.parquet", "claims.parquet", "manifest.toml"].iter().map(|name| contents[*name].clone()).collect()
    };
    assert!(tables("disk/reports/small") == tables("elsewhere/small"));
}

#[test]
fn results_that_cannot_fit_are_refused_before_anything_is_simulated() {
    let large =
        edited(SMALL, &[("horizon.steps = 40", "horizon.steps = 40000"), ("logarithmic = 4", "logarithmic = 4000")]);
    if !is_root("results that cannot fit") {
        return;
    }
    let workplace = Workplace::with("small", &large);
    let Some(_disk) = Mounted::new(&workplace, "size=1m") else { return };
    let ran = at_once(|| run_on_disk(&workplace));
    assert_eq!(ran.code, Some(4), "{}", ran.stderr);
    assert!(ran.stderr.contains("has room for") && ran.stderr.contains("bytes"), "{}", ran.stderr);
}

#[test]
fn a_read_only_disk_is_named_at_once() {
    let workplace = Workplace::with("slow", &slow());
    if !is_root("a read-only disk") {
        return;
    }
    let Some(disk) = Mounted::new(&workplace, "size=1m") else { return };
    for made in [false, true] {
        if made {
            std::fs::create_dir_all(workplace.path("disk/reports/slow")).expect("writable");
        }
        disk.remount("ro");
        let ran = at_once(|| workplace.run(&["run", "specs/slow.toml", "--out", "disk/reports"]));
        assert_eq!(ran.code, Some(4));
        assert!(ran.stderr.contains("disk/reports/slow") && ran.stderr.contains("Read-only"), "{}", ran.stderr);
        disk.remount("rw");
    }
}

#[test]
fn no_truncation_and_no_flipped_bit_is_believed() {
    let workplace = Workplace::with("small", SMALL);
    workplace.run(&RUN);
    let folder = workplace.path("reports/small");
    let step = if is_wanted("damage to every byte, not only to every eleventh") { 1 } else { 11 };
    let damaged = |name: &str, is_refused: &dyn Fn() -> bool| {
        let path = folder.join(name);
        let whole = std::fs::read(&path).expect("a file");
        let tried = |content: &[u8], how: String| {
            std::fs::write(&path, content).expect("writable");
            assert!(is_refused(), "{name}: {how} is believed");
        };
        for length in (0..whole.len()).step_by(step) {
            tried(&whole[..length], format!("its first {length} bytes"));
        }
        for i in (0..whole.len()).step_by(step) {
            let mut content = whole.clone();
            content[i] ^= 1 << (i % 8);
            tried(&content, format!("a bit of byte {i}"));
        }
        tried(&[&whole[..], b"x"].concat(), "a byte more".to_owned());
        std::fs::write(&path, &whole).expect("writable");
        assert!(!is_refused(), "{name} is as it was");
    };
    damaged("manifest.toml", &|| Manifest::read(&folder).is_err());
    damaged("claims.parquet", &|| Results::read(&folder).is_err());
    damaged("cells.parquet", &|| Results::read(&folder).is_err());
    let spec = parse("small", SMALL);
    let part = workplace.contents("reports/small").into_keys().find(|name| name.starts_with("parts/")).expect("a part");
    let hash = part.trim_start_matches("parts/").split('-').next().expect("a hash").to_owned();
    let cell = spec.cells.iter().find(|cell| cell.hash.starts_with(&hash)).expect("its cell");
    let look: Layout = spec.layout;
    damaged(&part, &|| !matches!(Parts::of(&folder).find(&spec, cell, look), Ok(Found::Whole(_))));
}

/// A signal to a run that has gone on for so long.
fn signalled(workplace: &Workplace, name: &str, after: Duration) -> Ran {
    let mut command = workplace.command(&["run", "specs/slow.toml", "--threads", "2"]);
    let child = command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn();
    let child = child.expect("starts");
    std::thread::sleep(after);
    // It may have ended already.
    let _ = Command::new("kill").args(["-s", name, &child.id().to_string()]).output();
    Ran::of(&child.wait_with_output().expect("ends"))
}

#[test]
fn a_signal_at_any_time_stops_a_run_that_can_go_on() {
    let workplace = Workplace::with("slow", &slow());
    let started = Instant::now();
    workplace.run(&["run", "specs/slow.toml", "--out", "whole", "--threads", "2"]);
    let (whole, duration) = (workplace.contents("whole/slow"), started.elapsed());
    let (mut interrupted, rounds) = (0, if is_wanted("100 signals at random times") { 100 } else { 8 });
    for round in 0..rounds {
        // Multiples of the golden ratio are spread as evenly as can be.
        let share = (0.618_033_988_75 * f64::from(round)) % 1.0;
        let (name, code) = if round % 2 == 0 { ("INT", 130) } else { ("TERM", 143) };
        let ran = signalled(&workplace, name, duration.mul_f64(share));
        // Before the signals are watched.
        let is_early = share < 0.15 && ran.code.is_none();
        assert!(is_early || [Some(0), Some(code)].contains(&ran.code), "{name} after {share}: {:?}", ran.code);
        if ran.code == Some(code) {
            interrupted += 1;
            assert!(ran.stderr.contains("the same command goes on from there"), "{}", ran.stderr);
        } else {
            assert!(is_early || whole == workplace.contents("reports/slow"), "{name} after {share}");
            let _ = std::fs::remove_dir_all(workplace.path("reports"));
        }
    }
    assert!(interrupted >= rounds / 4, "{interrupted} of {rounds} were interrupted");
    assert_eq!(workplace.run(&["run", "specs/slow.toml"]).code, Some(0));
    assert!(whole == workplace.contents("reports/slow"));
}

#[test]
fn what_stands_in_the_place_of_a_folder_or_file_is_named() {
    let blocked = |path: &str, is_folder: bool| {
        let workplace = Workplace::with("small", SMALL);
        match is_folder {
            true => workplace.write(&format!("{path}/file"), "not ours"),
            false => workplace.write(path, "not ours"),
        }
        let ran = workplace.run(&RUN);
        assert_eq!(ran.code, Some(4), "{path}: {}", ran.stderr);
        assert!(
            ran.stderr.contains(Path::new(path).file_name().expect("a name").to_str().expect("text")),
            "{}",
            ran.stderr
        );
        assert!(!workplace.path("reports/small/manifest.toml").is_file());
    };
    blocked("reports", false);
    blocked("reports/small", false);
    blocked("reports/small/parts", false);
    blocked("reports/small/cells.parquet", true);
    blocked("reports/small/manifest.toml", true);
    blocked("reports/small/run.lock", true);
}
