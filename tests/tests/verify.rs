//! Stored results proven, doubted and explained: `verify`, `why`, `replay`, and verdicts on a part of the cells.

mod common;

use common::cli::{SMALL, Workplace, slow, sweep};
use common::edited;
use polars::prelude::*;

fn ran() -> Workplace {
    let workplace = Workplace::with("small", SMALL);
    assert_eq!(workplace.run(&["run", "specs/small.toml"]).code, Some(0));
    workplace
}

#[test]
fn results_that_are_as_they_were_written_are_verified() {
    let workplace = ran();
    for arguments in [&["verify"][..], &["verify", "reports/small"], &["verify", "specs/small.toml", "--share", "1"]] {
        let verified = workplace.run(arguments);
        assert_eq!(verified.code, Some(0), "{}", verified.stderr);
        let sections = if arguments.len() > 2 { 256 } else { 4 };
        let says = format!("4 files and 2 parts have their hashes; {sections} of {sections} sections drawn from 256");
        assert!(verified.stdout.contains(&says), "{}", verified.stdout);
    }
    std::fs::remove_file(workplace.path("specs/small.toml")).expect("removable");
    let hashes = workplace.run(&["verify", "reports/small"]);
    assert!(hashes.code == Some(0) && hashes.stdout.contains("no spec below specs"), "{}", hashes.stdout);
}

#[test]
fn every_damaged_file_is_named() {
    let workplace = ran();
    let mut names: Vec<String> = workplace.contents("reports/small").into_keys().collect();
    names.retain(|name| name != "manifest.toml");
    assert_eq!(names.len(), 6);
    for name in &names {
        let path = workplace.path("reports/small").join(name);
        let mut content = std::fs::read(&path).expect("a file");
        content[7] ^= 4;
        std::fs::write(&path, content).expect("writable");
    }
    let verified = workplace.run(&["verify"]);
    assert_eq!(verified.code, Some(4));
    assert!(names.iter().all(|name| verified.stderr.contains(name.as_str())), "{}", verified.stderr);
    assert!(verified.stdout.contains("6 do not, and nothing was made again"), "{}", verified.stdout);
}

/// A forgery that keeps all hashes right: what only a second simulation can tell.
#[test]
fn numbers_that_no_simulation_gives_are_found() {
    let workplace = ran();
    let spec = engine::Spec::load(&workplace.path("specs/small.toml"), None).expect("valid");
    let folder = workplace.path("reports/small/parts");
    let hash = &spec.cells[1].hash;
    let mut entries = std::fs::read_dir(&folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let path = entries.find(|path| path.to_string_lossy().contains(&hash[..24])).expect("a part");
    let file = std::fs::File::open(&path).expect("a part");
    let mut reader = ParquetReader::new(file);
    let metadata = reader.get_metadata().expect("metadata").key_value_metadata().clone().expect("provenance");
    let pairs = metadata.into_iter().filter_map(|entry| Some((entry.key, entry.value?)));
    let pairs = pairs.filter(|(key, _)| key != "ARROW:schema").collect();
    let mut frame = reader.finish().expect("readable");
    let sums: Vec<f64> = frame.column("sum").expect("sums").f64().expect("numbers").into_no_null_iter().collect();
    let forged: Vec<f64> = sums.iter().map(|sum| f64::from_bits(sum.to_bits() + 1)).collect();
    frame.with_column(Column::new("sum".into(), forged)).expect("as long");
    let mut bytes = Vec::new();
    let writer = ParquetWriter::new(&mut bytes).with_key_value_metadata(Some(KeyValueMetadata::from_static(pairs)));
    writer.set_parallel(false).finish(&mut frame).expect("writable");
    let seal = engine::store::atomic::hash(&[hash.as_bytes(), &1_u64.to_le_bytes(), &bytes].concat());
    std::fs::remove_file(&path).expect("removable");
    std::fs::write(folder.join(format!("{}-1-{}.parquet", &hash[..24], &seal[..24])), bytes).expect("writable");
    assert_eq!(workplace.run(&["check"]).code, Some(0), "the last bit of a number moves no verdict");
    let verified = workplace.run(&["verify", "--draw", "1"]);
    assert_eq!(verified.code, Some(1), "{}", verified.stderr);
    assert!(verified.stderr.contains("of cell 1 comes out with other bits"), "{}", verified.stderr);
    assert!(verified.stderr.contains("cells.parquet is not what this version writes"), "{}", verified.stderr);
    assert!(!verified.stderr.contains("of cell 0"), "{}", verified.stderr);
}

#[test]
fn what_is_missing_or_stale_is_not_verified() {
    let workplace = Workplace::with("small", SMALL);
    assert_eq!(workplace.run(&["verify"]).code, Some(3));
    workplace.run(&["run", "specs/small.toml"]);
    workplace.write("specs/small.toml", &edited(SMALL, &[("resolution = 0.15", "resolution = 0.2")]));
    let verified = workplace.run(&["verify"]);
    assert!(verified.code == Some(3) && verified.stderr.contains("another text of this spec"), "{}", verified.stderr);
    assert_eq!(workplace.run(&["verify", "--share", "0"]).code, Some(2));
}

#[test]
fn why_names_the_change_that_made_cells_stale() {
    let workplace = Workplace::with("sweep", &sweep());
    let why = |says: &[&str]| {
        let ran = workplace.run(&["why", "specs/sweep.toml"]);
        assert!(says.iter().all(|sentence| ran.stdout.contains(sentence)), "{says:?}: {}{}", ran.stdout, ran.stderr);
        ran
    };
    assert_eq!(why(&["8 of 8 cells would be", "cells 0-7: it was not simulated yet", "no verdicts yet"]).code, Some(3));
    workplace.run(&["run", "specs/sweep.toml"]);
    assert_eq!(why(&["all 8 cells are stored"]).code, Some(0));
    let change = |edits: &[(&str, &str)]| workplace.write("specs/sweep.toml", &edited(&sweep(), edits));
    // Neither a comment nor the order of keys.
    change(&[("schema = 1\n", "# why not\nschema = 1\n"), ("seed = 1\nsource", "source")]);
    let text = std::fs::read_to_string(workplace.path("specs/sweep.toml")).expect("a spec");
    workplace.write("specs/sweep.toml", &text.replace("replicates.count", "seed = 1\nreplicates.count"));
    assert_eq!(why(&["all 8 cells are stored"]).code, Some(0));
    change(&[("resolution = 0.15", "resolution = 0.2")]);
    let judged = why(&["all 8 cells are stored", "another text of this spec: a run judges again"]);
    assert_eq!(judged.code, Some(3));
    change(&[("trace = 4.0", "trace = 5.0")]);
    why(&["8 of 8", "cells 0-7: problem.quadratic.noise.random_spd.trace is 5.0, and was 4.0"]);
    change(&[("0.03]", "0.02]")]);
    why(&["1 of 8 cells", "cell 7: its point of the sweep is new"]);
    change(&[
        ("radius = 1.0, seed = 1", "radius = 1.0, seed = 2"),
        ("replicates.count = 4096", "replicates.count = 5000"),
    ]);
    why(&["start.random_point.seed is 2, and was 1", "replicates.count is 5000, and was 4096"]);
    change(&[("[process.sgd]\n", "[process.sgd]\nrule.heavy_ball = 0.5\n")]);
    why(&["process.sgd.rule.heavy_ball is 0.5, and was not set"]);
    change(&[]);
    let part = workplace.contents("reports/sweep").into_keys().find(|name| name.starts_with("parts/")).expect("a part");
    std::fs::remove_file(workplace.path("reports/sweep").join(part)).expect("removable");
    why(&["1 of 8 cells", "its part is gone"]);
}

#[test]
fn a_block_is_replayed_alone() {
    let workplace = ran();
    // The last column, whose texts read back as the same bits.
    let sums = |arguments: &[&str]| -> Vec<f64> {
        let ran = workplace.run(&[&["replay", "specs/small.toml"], arguments].concat());
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        let sum = |line: &str| line.split_whitespace().last()?.parse().ok();
        ran.stdout.lines().skip(1).filter_map(sum).collect()
    };
    // Of one block in a section, the sums are the section's.
    let spec = engine::Spec::load(&workplace.path("specs/small.toml"), None).expect("valid");
    let cell = &spec.cells[1];
    let section = engine::simulate::simulate_section(&spec, cell, spec.layout, 5, &|| true).expect("nobody stops it");
    assert_eq!(sums(&["--cell", "1", "--block", "5"]), section);
    assert_eq!(sums(&["--cell", "1", "--block", "5", "--measure", "risk"]), section);
    assert_ne!(sums(&["--cell", "1", "--block", "6"]), section);
    for (arguments, says) in [
        (["--cell", "2", "--block", "0"], "there is no cell 2: small has the cells 0 to 1"),
        (["--cell", "0", "--block", "128"], "there is no block 128: each cell has at most the blocks 0 to 127"),
    ] {
        let refused = workplace.run(&[&["replay", "specs/small.toml"][..], &arguments].concat());
        assert!(refused.code == Some(2) && refused.stderr.contains(says), "{}", refused.stderr);
    }
    let unknown = workplace.run(&["replay", "specs/small.toml", "--cell", "0", "--block", "0", "--measure", "x"]);
    assert!(unknown.code == Some(2) && unknown.stderr.contains("small has risk"), "{}", unknown.stderr);
}

#[test]
fn a_run_that_goes_on_can_be_judged_so_far() {
    let workplace = Workplace::with("slow", &slow());
    let mut child = workplace.started("slow", 2);
    // It goes on, but not so far that nothing is left to be seen.
    let stopped = std::process::Command::new("kill").args(["-s", "STOP", &child.id().to_string()]).status();
    assert!(stopped.expect("kill").success());
    let partial = workplace.run(&["check", "specs/slow.toml", "--partial"]);
    child.kill().expect("killable");
    child.wait().expect("ends");
    assert_eq!(partial.code, Some(3));
    assert!(partial.stderr.contains("of 8 cells are not stored yet"), "{}", partial.stderr);
    assert!(partial.stdout.contains("undecided") && partial.stdout.contains("wait for cells"), "{}", partial.stdout);
    let after = workplace.run(&["check", "specs/slow.toml", "--partial"]);
    assert!(after.code == Some(3) && after.stdout.contains("wait for cells"), "{}", after.stdout);
    workplace.run(&["run", "specs/slow.toml"]);
    assert_eq!(workplace.run(&["check", "specs/slow.toml", "--partial"]).code, Some(0));
    let nothing = workplace.run(&["check", "specs/slow.toml", "--partial", "--out", "elsewhere"]);
    assert!(nothing.code == Some(3) && nothing.stdout.contains("nothing is stored yet"), "{}", nothing.stdout);
}
