//! What the spec of a stranger cannot do: run without end, fill the memory, lead results through links, or unpack a bomb.

#![cfg(unix)]

mod common;

use std::os::unix::fs::symlink;
use std::process::Command;
use std::time::{Duration, Instant};

use common::cli::{SMALL, Workplace};
use common::markdown::{files, repository};
use common::models::MODEL;
use common::{edited, valid};
use engine::bounds::{MOST_GIGABYTES, MOST_WORK, work};
use engine::{Bounds, Spec};

/// 2⁴⁰ steps.
const ENDLESS: (&str, &str) = ("horizon.steps = 40", "horizon.steps = 1099511627776");

#[test]
fn an_endless_run_is_planned_but_not_begun() {
    let workplace = Workplace::with("endless", &edited(SMALL, &[ENDLESS]));
    workplace.write("specs/small.toml", SMALL);
    let started = Instant::now();
    let ran = workplace.run(&["run", "specs/small.toml", "specs/endless.toml"]);
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("endless asks for 3.6e16 numbers") && ran.stderr.contains("--unbounded"),
        "{}",
        ran.stderr
    );
    assert!(!workplace.path("reports").exists(), "no spec is run if one is refused");
    let plan = workplace.run(&["plan", "specs/endless.toml"]);
    assert!(plan.code == Some(0) && plan.stdout.contains("endless"), "{}", plan.stderr);
    assert!(started.elapsed() < Duration::from_secs(20));
}

#[test]
fn an_endless_run_begins_if_the_user_says_so() {
    let workplace = Workplace::with("endless", &edited(SMALL, &[ENDLESS]));
    let mut command = workplace.command(&["run", "specs/endless.toml", "--unbounded"]);
    let mut child = command.stderr(std::process::Stdio::null()).spawn().expect("starts");
    let started = Instant::now();
    while !workplace.path("reports/endless/run.lock").exists() {
        assert!(started.elapsed() < Duration::from_secs(20) && child.try_wait().expect("a child").is_none());
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().expect("killed");
    child.wait().expect("ends");
}

#[test]
fn what_steps_do_within_counts_as_work() {
    let work = |edits: &[(&str, &str)]| {
        let text = valid::edited(valid::PLAIN, edits);
        work(&Spec::parse("case", "specs/case.toml", &text, None).unwrap_or_else(|error| panic!("{error}")))
    };
    let plain = work(&[]);
    let diffusion =
        |substeps: &str| format!("[process.ornstein_uhlenbeck]\ninterval = 0.1\nmethod.euler_maruyama = {substeps}\n");
    let batch = |n: &str| format!("[sampling.iid]\nbatch_size = {n}\npopulation = \"uniform\"\n");
    assert!(work(&[(valid::SGD, &diffusion("1000"))]) > 900.0 * plain);
    assert!(work(&[(valid::GAUSSIAN, &batch("1000"))]) > 900.0 * plain);
    assert!(work(&[("count = 1000", "count = 100000000")]) > 1e4 * plain);
}

#[test]
fn memory_is_counted_before_it_is_taken() {
    let large = edited(
        SMALL,
        &[("dimension = 4", "dimension = 200"), ("steps = 40", "steps = 90000"), ("logarithmic = 4", "linear = 90000")],
    );
    let workplace = Workplace::with("large", &large);
    let refused = workplace.run(&["validate", "specs/large.toml"]);
    assert_eq!(refused.code, Some(2));
    assert!(
        refused.stderr.contains("GB: at most 16 are used") && refused.stderr.contains("--unbounded"),
        "{}",
        refused.stderr
    );
    let path = workplace.path("specs/large.toml");
    let spec = Spec::load_within(&path, None, Bounds::Lifted).unwrap_or_else(|error| panic!("{error}"));
    assert!(spec.memory_bytes > 1e9 * MOST_GIGABYTES);
}

#[test]
fn shipped_specs_stay_far_below_the_limits() {
    for path in files(&repository().join("specs"), ".toml") {
        let spec = Spec::load(&path, None).unwrap_or_else(|error| panic!("{error}"));
        assert!(work(&spec) < 0.1 * MOST_WORK, "{}: {:.1e}", spec.name, work(&spec));
        assert!(spec.memory_bytes < 0.2e9 * MOST_GIGABYTES, "{}: {} bytes", spec.name, spec.memory_bytes);
    }
}

#[test]
fn results_are_written_through_no_link() {
    // A link, and whether it is refused; otherwise it is replaced.
    for (link, is_refused) in [
        ("reports/deep", true),
        ("reports/deep/small", true),
        ("reports/deep/small/parts", true),
        ("reports/deep/small/run.lock", true),
        ("reports/deep/small/costs.toml", false),
        ("reports/deep/small/cells.parquet", false),
        ("reports/deep/small/README.md", false),
        ("reports/deep/small/manifest.toml", false),
    ] {
        let workplace = Workplace::with("deep/small", SMALL);
        let is_folder = !link.contains('.');
        workplace.write(if is_folder { "precious/README.md" } else { "precious" }, "precious");
        std::fs::create_dir_all(workplace.path(link).parent().expect("a folder")).expect("a folder");
        symlink(workplace.path("precious"), workplace.path(link)).expect("a link");
        let ran = workplace.run(&["run", "specs/deep/small.toml"]);
        let (precious, left) = match is_folder {
            true => ("precious/README.md", std::fs::read_dir(workplace.path("precious")).expect("a folder").count()),
            false => ("precious", 1),
        };
        assert_eq!(std::fs::read_to_string(workplace.path(precious)).expect("text"), "precious", "{link}");
        assert_eq!(left, 1, "{link}: something was written behind it");
        match is_refused {
            true => assert!(ran.code == Some(4) && ran.stderr.contains("is a symbolic link"), "{link}: {}", ran.stderr),
            false => assert_eq!(ran.code, Some(0), "{link}: {}", ran.stderr),
        }
    }
}

#[test]
fn the_folder_of_reports_itself_may_be_a_link() {
    let workplace = Workplace::with("small", SMALL);
    workplace.write("disk/README.md", "");
    symlink(workplace.path("disk"), workplace.path("reports")).expect("a link");
    assert_eq!(workplace.run(&["run", "specs/small.toml"]).code, Some(0));
    assert!(workplace.path("disk/small/manifest.toml").exists());
}

#[test]
fn folders_of_specs_that_lead_in_circles_end() {
    let workplace = Workplace::with("small", SMALL);
    for name in ["a", "b"] {
        symlink(".", workplace.path("specs").join(name)).expect("a link");
    }
    let started = Instant::now();
    let listed = workplace.run(&["list", "--format", "json"]);
    assert_eq!(listed.stdout.matches("\"claim\"").count(), 1, "{}{}", listed.stdout, listed.stderr);
    assert!(started.elapsed() < Duration::from_secs(10));
}

#[test]
fn a_line_without_end_is_not_read_to_its_end() {
    let workplace = Workplace::with("model", &edited(MODEL, &[("data/twelve.csv", "line.csv")]));
    for line in [",".repeat(17 << 20), format!("x,label\n{}", ",".repeat(17 << 20))] {
        workplace.write("specs/line.csv", &line);
        let ran = bounded(&workplace, "specs/model.toml");
        assert_eq!(ran.0, Some(2), "{}", ran.1);
        assert!(ran.1.contains("a line has more than 16777216 bytes"), "{}", ran.1);
    }
}

/// 10 MB of anything, and the megabyte that is read of it, fit into half a gigabyte of address space.
#[test]
fn huge_texts_take_little_memory_and_time() {
    let repeated = |piece: &str, size: usize| piece.repeat(size / piece.len());
    let pieces = [
        "[",
        "a=[",
        "a={",
        "x",
        "=",
        "\"",
        "'''",
        "\n",
        " ",
        "[a.b.c]\n",
        "[[a]]\n",
        "a.b.c.d.e=1\n",
        "é",
        "# c\n",
        "\\",
        "\0",
    ];
    for size in [10 << 20, (1 << 20) - 16] {
        let workplace = Workplace::new();
        for piece in pieces {
            workplace.write("specs/huge.toml", &repeated(piece, size));
            let started = Instant::now();
            let (code, complaint) = bounded(&workplace, "specs/huge.toml");
            assert_eq!(code, Some(2), "{piece:?}: {complaint}");
            assert!(complaint.contains("huge.toml") && complaint.len() < 20_000, "{piece:?}: {complaint}");
            assert!(started.elapsed() < Duration::from_secs(10), "{piece:?} took {:?}", started.elapsed());
        }
    }
}

/// Validates a spec in half a gigabyte of address space: the exit code, and what it complains.
fn bounded(workplace: &Workplace, spec: &str) -> (Option<i32>, String) {
    let script = "ulimit -v 524288; exec \"$0\" validate \"$1\"";
    let ran = Command::new("sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_xtask-under-test"), spec])
        .current_dir(workplace.path(""))
        .output()
        .expect("a shell");
    (ran.status.code(), String::from_utf8_lossy(&ran.stderr).into_owned())
}
