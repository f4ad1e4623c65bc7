//! The same bytes, whatever the threads, shards, interruptions and vector instructions.

mod common;

use std::collections::BTreeMap;
use std::process::{Command, Stdio};

use common::cli::{SMALL, Workplace, slow};
use common::edited;
use common::slow::{has, is_wanted};

/// An experiment that decides in looks, with cells enough for seven shards.
fn experiment() -> String {
    edited(
        &slow(),
        &[
            ("replicates.count = 20480", "replicates = { until = \"decided\", max = 32768 }"),
            ("resolution = 0.15", "resolution = 0.013"),
        ],
    )
}

fn published(workplace: &Workplace, folder: &str) -> BTreeMap<String, Vec<u8>> {
    workplace.contents(folder).into_iter().filter(|(name, _)| !name.starts_with("parts/")).collect()
}

/// Runs a command, killed three times on its way if `is_interrupted`.
fn ran(workplace: &Workplace, arguments: &[&str], is_interrupted: bool) {
    for patience in if is_interrupted { &[40, 90, 150][..] } else { &[] } {
        let mut command = workplace.command(arguments);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("starts");
        std::thread::sleep(std::time::Duration::from_millis(*patience));
        // It may have ended already.
        let _ = child.kill();
        child.wait().expect("ends");
    }
    let ran = workplace.run(arguments);
    assert!(matches!(ran.code, Some(0 | 1 | 3)) && !ran.stdout.is_empty(), "{arguments:?}: {}", ran.stderr);
}

/// Results after `shards` shards, or one whole run for none.
fn results(threads: &str, shards: usize, is_interrupted: bool) -> BTreeMap<String, Vec<u8>> {
    let workplace = Workplace::with("slow", &experiment());
    let run = |rest: &[&str]| {
        ran(&workplace, &[&["run", "specs/slow.toml", "--threads", threads], rest].concat(), is_interrupted);
    };
    match shards {
        0 => run(&[]),
        _ => {
            (0..shards).for_each(|index| run(&["--shard", &format!("{index}/{shards}")]));
            ran(&workplace, &["merge", "specs/slow.toml"], false);
        }
    }
    published(&workplace, "reports/slow")
}

#[test]
fn threads_shards_and_kills_change_no_byte() {
    let reference = results("1", 0, false);
    let quick = [("2", 0, true), ("3", 4, false), ("8", 7, true), ("2", 1, false)];
    let all = ["1", "2", "3", "8"].into_iter().flat_map(|threads| {
        [0, 1, 4, 7].into_iter().flat_map(move |shards| [false, true].map(move |kills| (threads, shards, kills)))
    });
    let matrix: Vec<_> = match is_wanted("the full matrix of threads, shards and kills") {
        true => all.collect(),
        false => quick.into(),
    };
    for (threads, shards, is_interrupted) in &matrix {
        let other = results(threads, *shards, *is_interrupted);
        assert!(reference == other, "{threads} threads, {shards} shards, interrupted: {is_interrupted}");
    }
    common::slow::notice(&format!("{} combinations of threads, shards and kills give the same bytes", matrix.len()));
}

/// Processors with and without AVX2 and FMA, emulated: the engine chooses its instructions when it runs.
#[test]
fn vector_instructions_change_no_byte() {
    let what = "processors without AVX2";
    if !is_wanted(what) || !has("qemu-x86_64", &["--version"], what) {
        return;
    }
    let workplace = Workplace::with("small", SMALL);
    assert_eq!(workplace.run(&["run", "specs/small.toml", "--out", "native"]).code, Some(0));
    let native = workplace.contents("native/small");
    for processor in ["Nehalem", "SandyBridge", "Haswell"] {
        let binary = workplace.command(&[]).get_program().to_owned();
        let mut command = Command::new("qemu-x86_64");
        command.args(["-cpu", processor]).arg(binary).args(["run", "specs/small.toml", "--out", processor]);
        let output = command.current_dir(workplace.path(".")).output().expect("starts");
        assert!(output.status.success(), "{processor}: {}", String::from_utf8_lossy(&output.stderr));
        assert!(native == workplace.contents(&format!("{processor}/small")), "{processor}");
    }
}

#[test]
fn the_clock_the_home_and_the_language_of_the_machine_do_not_matter() {
    let workplace = Workplace::with("small", SMALL);
    workplace.run(&["run", "specs/small.toml"]);
    let reference = workplace.contents("reports/small");
    let mut command = workplace.command(&["run", "specs/small.toml", "--out", "elsewhere"]);
    let variables = [("HOME", "/nowhere"), ("TZ", "Asia/Tokyo"), ("LC_ALL", "de_DE.UTF-8"), ("TMPDIR", "/nowhere")];
    command.envs(variables).env_remove("USER").env("POLARS_MAX_THREADS", "3").env("RAYON_NUM_THREADS", "5");
    assert!(command.output().expect("starts").status.success());
    assert!(reference == workplace.contents("elsewhere/small"));
}
