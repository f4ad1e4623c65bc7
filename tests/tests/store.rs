//! The folder of results under faults: kills, signals, damage, a second run, an unwritable place.

mod common;

use std::time::{Duration, Instant};

use common::cli::{SMALL, Workplace, slow};
use common::edited;

fn uninterrupted(workplace: &Workplace) -> std::collections::BTreeMap<String, Vec<u8>> {
    assert_eq!(workplace.run(&["run", "specs/slow.toml", "--out", "whole"]).code, Some(0));
    workplace.contents("whole/slow")
}

fn signal(child: &std::process::Child, name: &str) {
    let status = std::process::Command::new("kill").args(["-s", name, &child.id().to_string()]).status();
    assert!(status.expect("kill exists").success());
}

#[test]
fn a_killed_run_goes_on_where_it_was_and_ends_with_the_same_bytes() {
    let workplace = Workplace::with("slow", &slow());
    let whole = uninterrupted(&workplace);
    for parts in [1, 3] {
        let mut child = workplace.started("slow", parts);
        signal(&child, "KILL");
        child.wait().expect("ends");
        let left = workplace.contents("reports/slow");
        assert!(!left.contains_key("manifest.toml"), "killed before the end");
        let published = left.keys().filter(|name| name.starts_with("parts/") && !name.contains(".tmp-"));
        assert!(published.clone().count() >= parts);
        assert!(published.clone().all(|name| left[name] == whole[name]), "a part is whole or not there");
    }
    assert_eq!(workplace.run(&["check"]).code, Some(3), "an unfinished run is no success");
    assert_eq!(workplace.run(&["run", "specs/slow.toml"]).code, Some(0));
    assert!(whole == workplace.contents("reports/slow"));
}

#[test]
fn an_interrupted_run_says_how_to_go_on_and_ends_with_the_same_bytes() {
    let workplace = Workplace::with("slow", &slow());
    for (name, code, parts) in [("INT", 130, 1), ("TERM", 143, 3)] {
        let child = workplace.started("slow", parts);
        signal(&child, name);
        let output = child.wait_with_output().expect("ends");
        assert_eq!(output.status.code(), Some(code));
        let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(complaint.contains("the same command goes on from there"), "{complaint}");
    }
    assert_eq!(workplace.run(&["run", "specs/slow.toml"]).code, Some(0));
    assert!(uninterrupted(&workplace) == workplace.contents("reports/slow"));
}

#[test]
fn a_second_run_in_the_same_folder_is_refused_and_the_first_goes_on() {
    let workplace = Workplace::with("slow", &slow());
    let mut first = workplace.started("slow", 1);
    let second = workplace.run(&["run", "specs/slow.toml"]);
    assert_eq!(second.code, Some(5));
    assert!(second.stderr.contains(&format!("in use by process {}", first.id())), "{}", second.stderr);
    signal(&first, "KILL");
    first.wait().expect("ends");
    assert_eq!(workplace.run(&["run", "specs/slow.toml"]).code, Some(0), "the lock frees itself");
}

/// Changes one byte in the middle of the first file below `folder` whose name ends so.
fn damage(workplace: &Workplace, folder: &str, ending: &str) -> std::path::PathBuf {
    let mut files: Vec<_> = std::fs::read_dir(workplace.path(folder))
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.to_string_lossy().ends_with(ending))
        .collect();
    files.sort();
    let mut content = std::fs::read(&files[0]).expect("a file");
    let middle = content.len() / 2;
    content[middle] ^= 1;
    std::fs::write(&files[0], content).expect("writable");
    files.swap_remove(0)
}

#[test]
fn a_damaged_file_is_named_and_never_believed() {
    let workplace = Workplace::with("small", SMALL);
    workplace.run(&["run", "specs/small.toml"]);
    let whole = workplace.contents("reports/small");
    for (folder, ending) in [
        ("reports/small", "cells.parquet"),
        ("reports/small", "claims.parquet"),
        ("reports/small", ".svg"),
        ("reports/small", "manifest.toml"),
        ("reports/small/parts", ".parquet"),
    ] {
        let path = damage(&workplace, folder, ending);
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let checked = workplace.run(&["check"]);
        assert_eq!(checked.code, Some(4), "{name}: {}", checked.stderr);
        assert!(checked.stderr.contains(&name) && checked.stderr.contains("corrupt"), "{}", checked.stderr);
        assert_eq!(workplace.run(&["run", "specs/small.toml"]).code, Some(0));
        assert!(whole == workplace.contents("reports/small"), "{name} is made anew");
    }
}

#[test]
fn a_truncated_part_is_computed_again() {
    let workplace = Workplace::with("small", SMALL);
    workplace.run(&["run", "specs/small.toml"]);
    let whole = workplace.contents("reports/small");
    let part = whole.keys().find(|name| name.starts_with("parts/")).expect("a part");
    for length in [0, 1, 4, whole[part].len() / 2, whole[part].len() - 1] {
        std::fs::write(workplace.path("reports/small").join(part), &whole[part][..length]).expect("writable");
        let ran = workplace.run(&["run", "specs/small.toml"]);
        assert!(ran.stderr.contains("warning") && ran.stderr.contains("corrupt"), "{}", ran.stderr);
        assert!(whole == workplace.contents("reports/small"));
    }
}

#[test]
fn a_part_of_another_cell_is_not_believed() {
    let workplace = Workplace::with("small", SMALL);
    workplace.run(&["run", "specs/small.toml"]);
    let whole = workplace.contents("reports/small");
    let parts: Vec<&String> = whole.keys().filter(|name| name.starts_with("parts/")).collect();
    let swap = |from: &str, to: &str| {
        let content = &whole[from];
        let (_, seal) = from.rsplit_once('-').expect("two hashes");
        let (cell, _) = to.rsplit_once('-').expect("two hashes");
        std::fs::write(workplace.path("reports/small").join(format!("{cell}-{seal}")), content).expect("writable");
        std::fs::remove_file(workplace.path("reports/small").join(to)).expect("removable");
    };
    swap(parts[0], parts[1]);
    assert_eq!(workplace.run(&["check"]).code, Some(4));
}

#[test]
fn a_figure_that_is_no_longer_drawn_is_removed() {
    let workplace = Workplace::with("small", SMALL);
    workplace.run(&["run", "specs/small.toml"]);
    workplace.write("specs/small.toml", &edited(SMALL, &[("name = \"risk\"\ntitle", "name = \"path\"\ntitle")]));
    workplace.run(&["run", "specs/small.toml"]);
    assert!(workplace.path("reports/small/path.svg").exists() && !workplace.path("reports/small/risk.svg").exists());
}

#[test]
fn an_unwritable_place_fails_before_anything_is_simulated() {
    let workplace = Workplace::with("slow", &slow());
    workplace.write("file", "");
    let started = Instant::now();
    let ran = workplace.run(&["run", "specs/slow.toml", "--out", "file/reports"]);
    assert_eq!(ran.code, Some(4));
    assert!(ran.stderr.contains("file/reports"), "{}", ran.stderr);
    assert!(started.elapsed() < Duration::from_secs(1));
}

#[test]
fn temporary_files_of_a_killed_run_are_cleared() {
    let workplace = Workplace::with("small", SMALL);
    workplace.run(&["run", "specs/small.toml"]);
    workplace.write("reports/small/.tmp-left", "half a table");
    workplace.write("reports/small/parts/.tmp-left", "half a part");
    workplace.run(&["run", "specs/small.toml"]);
    assert!(workplace.contents("reports/small").keys().all(|name| !name.contains(".tmp-")));
}

/// Rewrites the manifest of the small experiment, with the hash that belongs to it.
fn forge_manifest(workplace: &Workplace, from: &str, to: &str) {
    let path = workplace.path("reports/small/manifest.toml");
    let text = std::fs::read_to_string(&path).expect("a manifest");
    let (header, body) = text.split_once('\n').expect("a first line");
    assert!(body.contains(from), "{body}");
    let body = body.replacen(from, to, 1);
    let (says, _) = header.rsplit_once(' ').expect("a hash");
    std::fs::write(path, format!("{says} {}\n{body}", engine::store::atomic::hash(body.as_bytes()))).expect("writable");
}

#[test]
fn results_of_another_spec_or_engine_are_not_replaced_unasked() {
    for (from, to, of) in [
        ("spec = \"small\"", "spec = \"large\"", "results of the spec large"),
        ("engine = \"0.1.0\"", "engine = \"0.0.9\"", "results of engine 0.0.9"),
        ("stream_version = 2", "stream_version = 1", "results of random streams 1"),
    ] {
        let workplace = Workplace::with("small", SMALL);
        workplace.run(&["run", "specs/small.toml"]);
        let whole = workplace.contents("reports/small");
        forge_manifest(&workplace, from, to);
        let before = workplace.contents("reports/small");
        for command in ["run", "merge"] {
            let refused = workplace.run(&[command, "specs/small.toml"]);
            assert_eq!(refused.code, Some(2), "{of}: {}", refused.stderr);
            assert!(refused.stderr.contains(of) && refused.stderr.contains("--force"), "{}", refused.stderr);
            assert!(before == workplace.contents("reports/small"), "nothing is touched");
        }
        assert_eq!(workplace.run(&["run", "specs/small.toml", "--force"]).code, Some(0));
        assert!(whole == workplace.contents("reports/small"));
    }
}
