//! `plan` and `new`: what a run would do, and specs that are started from others.

mod common;

use std::path::{Path, PathBuf};
use std::time::Instant;

use common::cli::{SMALL, Workplace};
use common::edited;
use engine::spec::{Outline, Spec};
use serde_json::Value;

fn plan(workplace: &Workplace, arguments: &[&str]) -> Vec<Value> {
    let ran = workplace.run(&[&["plan", "--format", "json"], arguments].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    serde_json::from_str(&ran.stdout).expect("a list")
}

#[test]
fn a_plan_knows_what_is_stored_and_what_is_left() {
    let workplace = Workplace::with("small", SMALL);
    let amount = |arguments: &[&str], key: &str| plan(&workplace, arguments)[0][key].as_f64().expect("a number");
    let spec = ["specs/small.toml"];
    assert_eq!((amount(&spec, "cells"), amount(&spec, "stored"), amount(&spec, "replicates")), (2.0, 0.0, 4096.0));
    // 2 cells × 4 coordinates × 40 steps × 4 096 replicates.
    assert_eq!((amount(&spec, "coordinate_steps"), amount(&spec, "coordinate_steps_left")), (1_310_720.0, 1_310_720.0));
    assert!(amount(&spec, "seconds") > 0.0);
    assert!(!workplace.path("reports").exists(), "a plan writes nothing");
    workplace.run(&["run", "specs/small.toml"]);
    let before = workplace.contents("reports");
    assert_eq!(
        (amount(&spec, "stored"), amount(&spec, "coordinate_steps_left"), amount(&spec, "seconds")),
        (2.0, 0.0, 0.0)
    );
    assert_eq!(amount(&["specs/small.toml", "--force"], "stored"), 0.0);
    assert_eq!(amount(&["specs/small.toml", "--seed", "7"], "stored"), 0.0);
    let rows = workplace.contents("reports/small")["cells.parquet"].len() as f64;
    let tables = amount(&spec, "table_bytes");
    assert!((0.3..3.0).contains(&(tables / (2.0 * rows))), "{tables} bytes of tables");
    workplace.write("specs/small.toml", &edited(SMALL, &[("[0.1, 0.05]", "[0.1, 0.04]")]));
    assert_eq!((amount(&spec, "stored"), amount(&spec, "coordinate_steps_left")), (1.0, 655_360.0));
    assert!(before == workplace.contents("reports"), "a plan writes nothing");
}

#[test]
fn a_damaged_part_is_none_and_plans_are_summed() {
    let workplace = Workplace::with("small", SMALL);
    workplace.write("specs/other.toml", &edited(SMALL, &[("[0.1, 0.05]", "[0.1, 0.04]")]));
    workplace.run(&["run", "specs/small.toml"]);
    let part = workplace.contents("reports/small").into_keys().find(|name| name.starts_with("parts/")).expect("a part");
    std::fs::write(workplace.path("reports/small").join(part), "no table").expect("writable");
    let ran = workplace.run(&["plan", "specs/small.toml", "specs/other.toml"]);
    assert!(ran.stderr.contains("warning") && ran.stderr.contains("corrupt"), "{}", ran.stderr);
    let words = |name: &str| -> Vec<String> {
        let line = ran.stdout.lines().find(|line| line.starts_with(name)).expect("a line");
        line.split_whitespace().take(3).map(str::to_owned).collect()
    };
    assert_eq!(words("small"), ["small", "2", "1"]);
    assert_eq!(words("total"), ["total", "4", "1"]);
    assert!(ran.stdout.contains("an estimate"), "{}", ran.stdout);
}

#[test]
fn a_plan_is_near_the_time_of_the_run() {
    let slow = edited(SMALL, &[("dimension = 4", "dimension = 30"), ("count = 4096", "count = 200000")]);
    let workplace = Workplace::with("slow", &slow);
    let estimate = plan(&workplace, &["specs/slow.toml", "--threads", "1"])[0]["seconds"].as_f64().expect("a number");
    let started = Instant::now();
    workplace.run(&["run", "specs/slow.toml", "--threads", "1"]);
    let seconds = started.elapsed().as_secs_f64();
    // Other programs may run meanwhile.
    assert!((0.2..5.0).contains(&(estimate / seconds)), "{estimate} s were estimated, {seconds} s it took");
}

#[test]
fn a_started_spec_is_valid_has_its_own_seed_and_overwrites_nothing() {
    let workplace = Workplace::with("small", SMALL);
    insta::assert_snapshot!("new", workplace.run(&["new", "mine/trial", "--from", "specs/small.toml"]).seen());
    let text = std::fs::read_to_string(workplace.path("specs/mine/trial.toml")).expect("a spec");
    assert_eq!(workplace.run(&["run", "specs/mine/trial.toml"]).code, Some(0));
    insta::assert_snapshot!("exists", workplace.run(&["new", "mine/trial", "--from", "specs/small.toml"]).seen());
    assert_eq!(std::fs::read_to_string(workplace.path("specs/mine/trial.toml")).expect("a spec"), text);
    std::fs::remove_file(workplace.path("specs/mine/trial.toml")).expect("removable");
    workplace.run(&["new", "mine/trial", "--from", "specs/small.toml"]);
    assert_eq!(std::fs::read_to_string(workplace.path("specs/mine/trial.toml")).expect("a spec"), text, "repeatable");
}

#[test]
fn names_that_are_none_are_refused_before_anything_is_made() {
    let workplace = Workplace::with("small", SMALL);
    for name in ["", "Trial", "trial.toml", "../trial", "/trial", "mine//trial", "mine/", "specs/trial", "a b"] {
        let ran = workplace.run(&["new", name, "--from", "specs/small.toml"]);
        assert_eq!(ran.code, Some(2), "{name}");
        assert!(ran.stderr.contains("no name for a spec"), "{name}: {}", ran.stderr);
    }
    let missing = workplace.run(&["new", "trial", "--from", "specs/none.toml"]);
    assert!(missing.code == Some(2) && missing.stderr.starts_with("error: cannot read"), "{}", missing.stderr);
    let files: Vec<String> = workplace.contents("specs").into_keys().collect();
    assert_eq!(files, ["small.toml"]);
}

/// All specs that are shipped.
fn shipped(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a readable folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            shipped(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            found.push(path);
        }
    }
}

#[test]
fn every_shipped_spec_can_be_started_from() {
    let specs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs");
    let mut files = Vec::new();
    shipped(&specs, &mut files);
    assert!(files.len() >= 50, "{} specs", files.len());
    let workplace = Workplace::new();
    std::fs::create_dir(workplace.path("specs/data")).expect("a folder");
    std::fs::copy(specs.join("data/digits.parquet"), workplace.path("specs/data/digits.parquet")).expect("the digits");
    for file in files {
        let below = file.strip_prefix(&specs).expect("below specs").to_owned();
        let source = workplace.path("specs").join(&below);
        std::fs::create_dir_all(source.parent().expect("a folder")).expect("a folder");
        std::fs::copy(&file, &source).expect("a spec");
        let name = below.file_stem().and_then(|stem| stem.to_str()).expect("a name");
        let from = Path::new("specs").join(&below);
        let ran = workplace.run(&["new", &format!("started/deep/{name}"), "--from", &from.to_string_lossy()]);
        assert_eq!(ran.code, Some(0), "{name}: {}", ran.stderr);
        let path = source.with_file_name(format!("started/deep/{name}.toml"));
        let new = Spec::load(&path, None).unwrap_or_else(|error| panic!("{name}: {error}"));
        let (old, outline) = (Outline::load(&source).expect("valid"), Outline::load(&path).expect("valid"));
        assert!(new.seed != old.raw.seed && new.title != old.raw.title, "{name}");
        assert!(new.claims.iter().all(|claim| claim.finding.is_none()), "{name}");
        assert_eq!(old.raw.claim.len(), new.claims.len());
        let schema = outline.text.lines().next().and_then(|line| line.strip_prefix("#:schema ")).expect("a schema");
        let schema = file.with_file_name("started/deep").join(schema);
        let folders = schema.components().filter(|part| matches!(part, std::path::Component::ParentDir)).count();
        assert_eq!(folders, 1 + 2 + below.components().count() - 1, "{name}: {}", schema.display());
    }
}
