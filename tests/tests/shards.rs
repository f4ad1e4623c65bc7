//! Sweeps in shards: any number of processes, in any order, killed and run again, give the bytes of a single run.

mod common;

use std::collections::BTreeMap;

use common::cli::{Ran, SMALL, Workplace, sweep};
use common::edited;

/// What a run publishes, without the parts: a shard may have stored later looks of a cell than the whole needs.
fn published(workplace: &Workplace, folder: &str) -> BTreeMap<String, Vec<u8>> {
    workplace.contents(folder).into_iter().filter(|(name, _)| !name.starts_with("parts/")).collect()
}

fn single(workplace: &Workplace) -> BTreeMap<String, Vec<u8>> {
    workplace.run(&["run", "specs/sweep.toml", "--out", "whole"]);
    published(workplace, "whole/sweep")
}

fn shard(workplace: &Workplace, index: usize, of: usize) -> Ran {
    workplace.run(&["run", "specs/sweep.toml", "--shard", &format!("{index}/{of}")])
}

fn merge(workplace: &Workplace) -> Ran {
    workplace.run(&["merge", "specs/sweep.toml"])
}

/// The sweep, with a variant and with claims that compare cells of several shards, decided in looks.
fn in_looks() -> String {
    let slope = "[[claim]]\nname = \"slope\"\nsays = \"The risk does not depend on the step size.\"\nmeasure = \"risk\"\n\
                 variant = \"base\"\nagainst.slope = { exponent = 0.0, tolerance = 0.2, over = \"eta\" }\n\n\
                 [[claim]]\nname = \"ratio\"\nsays = \"Neither on the batch size.\"\nmeasure = \"risk\"\nvariant = \"base\"\n\
                 against.variant = { name = \"cold\", resolution = 0.05 }\n\n[variants.cold]\n\
                 \"sampling.gaussian.batch_size\" = 4\n\n[[figure]]";
    edited(
        &sweep(),
        &[
            ("replicates.count = 4096", "replicates = { until = \"decided\", max = 65536 }"),
            ("resolution = 0.15", "resolution = 0.04"),
            ("[[figure]]", slope),
        ],
    )
}

#[test]
fn shards_in_any_order_and_number_give_the_bytes_of_a_single_run() {
    for (text, numbers) in [(sweep(), [1, 4, 7, 16]), (in_looks(), [2, 3, 4, 5])] {
        let workplace = Workplace::with("sweep", &text);
        let whole = single(&workplace);
        for of in numbers {
            for index in (0..of).rev() {
                let ran = shard(&workplace, index, of);
                assert_eq!(ran.code, Some(0), "{}", ran.stderr);
            }
            let merged = merge(&workplace);
            assert!(matches!(merged.code, Some(0 | 1 | 3)) && !merged.stdout.is_empty(), "{}", merged.stderr);
            assert!(whole == published(&workplace, "reports/sweep"), "{of} shards");
            std::fs::remove_dir_all(workplace.path("reports")).expect("removable");
        }
    }
}

#[test]
fn a_shard_of_looks_goes_at_least_as_far_as_the_whole() {
    let workplace = Workplace::with("sweep", &in_looks());
    single(&workplace);
    for index in 0..3 {
        shard(&workplace, index, 3);
    }
    let parts = |folder: &str| -> Vec<String> {
        workplace.contents(folder).into_keys().filter(|name| name.starts_with("parts/")).collect()
    };
    let (whole, shards) = (parts("whole/sweep"), parts("reports/sweep"));
    assert!(whole.iter().all(|part| shards.contains(part)), "what the whole needs is there");
    let most = 8 * 2 * 4;
    assert!(whole.len() < shards.len() && shards.len() <= most, "{} of {}", whole.len(), shards.len());
}

#[test]
fn a_killed_shard_is_named_and_run_again() {
    let workplace = Workplace::with("sweep", &sweep());
    let whole = single(&workplace);
    let planned = workplace.run(&["plan", "specs/sweep.toml", "--shards", "4"]);
    assert!(planned.stderr.contains("8 cells in 4 of 4 shards"), "{}", planned.stderr);
    for index in [0, 3] {
        shard(&workplace, index, 4);
    }
    // Killed in the middle of its first cell, as far as the disk is concerned: what it leaves is a temporary file.
    workplace.write("reports/sweep/parts/.shard-tmp-killed", "half a part");
    assert_eq!(shard(&workplace, 0, 4).stdout, "sweep: shard 0/4 is complete: 2 cells, 0 simulated now\n");
    let status = workplace.run(&["status", "specs/sweep.toml", "--missing"]);
    assert_eq!((status.code, status.stdout.as_str()), (Some(3), "1-2\n"));
    let merged = merge(&workplace);
    assert_eq!(merged.code, Some(3));
    assert!(merged.stderr.contains("lacks cells 1-2,5-6 of 8: run shards 1-2 of 4"), "{}", merged.stderr);
    assert!(!workplace.path("reports/sweep/cells.parquet").exists(), "nothing is published");
    for index in [1, 2] {
        shard(&workplace, index, 4);
    }
    let status = workplace.run(&["status", "specs/sweep.toml", "--missing"]);
    assert_eq!((status.code, status.stdout.as_str()), (Some(0), "\n"));
    assert_eq!(merge(&workplace).code, Some(0));
    assert!(whole == published(&workplace, "reports/sweep"));
    assert!(!workplace.path("reports/sweep/parts/.shard-tmp-killed").exists());
}

#[test]
fn schedulers_say_which_shard_it_is() {
    let workplace = Workplace::with("sweep", &sweep());
    let whole = single(&workplace);
    let variables = [
        ("SLURM_ARRAY_TASK_ID", "0"),
        ("JOB_COMPLETION_INDEX", "1"),
        ("HQ_TASK_ID", "2"),
        ("PBS_ARRAY_INDEX", "3"),
        ("SGE_TASK_ID", "5"),
        ("LSB_JOBINDEX", "6"),
        ("OMPI_COMM_WORLD_RANK", "6"),
    ];
    for (name, value) in variables {
        let mut command = workplace.command(&["run", "specs/sweep.toml", "--shard", "auto/7"]);
        variables.iter().for_each(|(name, _)| _ = command.env_remove(name));
        let ran = Ran::of(&command.env(name, value).output().expect("starts"));
        assert_eq!(ran.code, Some(0), "{name}: {}", ran.stderr);
    }
    merge(&workplace);
    assert!(whole == published(&workplace, "reports/sweep"));
    let mut command = workplace.command(&["run", "specs/sweep.toml", "--shard", "auto/7"]);
    variables.iter().for_each(|(name, _)| _ = command.env_remove(name));
    let lost = Ran::of(&command.output().expect("starts"));
    assert_eq!(lost.code, Some(2));
    assert!(lost.stderr.contains("needs a scheduler"), "{}", lost.stderr);
}

#[test]
fn two_copies_of_a_shard_at_once_do_no_harm() {
    let workplace = Workplace::with("sweep", &sweep());
    let whole = single(&workplace);
    let start = |index: &str| {
        let mut command = workplace.command(&["run", "specs/sweep.toml", "--shard", index, "--threads", "1"]);
        command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).spawn().expect("starts")
    };
    let copies: Vec<_> = ["0/2", "1/2", "0/2", "1/2"].map(start).into();
    for mut copy in copies {
        assert_eq!(copy.wait().expect("ends").code(), Some(0));
    }
    merge(&workplace);
    assert!(whole == published(&workplace, "reports/sweep"));
}

#[test]
fn shards_of_another_spec_version_or_number_are_refused_with_the_way_out() {
    let workplace = Workplace::with("sweep", &sweep());
    shard(&workplace, 0, 4);
    let refused = |ran: Ran, of: &str| {
        assert_eq!(ran.code, Some(2), "{}", ran.stderr);
        assert!(ran.stderr.contains(of) && ran.stderr.contains("--force"), "{}", ran.stderr);
    };
    refused(shard(&workplace, 1, 5), "holds a plan of 4 shards");
    refused(workplace.run(&["plan", "specs/sweep.toml", "--shards", "5"]), "holds a plan of 4 shards");
    let plan = std::fs::read_to_string(workplace.path("reports/sweep/shards.toml")).expect("a plan");
    let rewrite = |from: &str, to: &str| {
        assert!(plan.contains(from), "{plan}");
        workplace.write("reports/sweep/shards.toml", &plan.replace(from, to));
    };
    rewrite("engine = \"0.1.0\"", "engine = \"0.0.9\"");
    refused(shard(&workplace, 1, 4), "shards of engine 0.0.9");
    refused(merge(&workplace), "shards of engine 0.0.9");
    rewrite("shards = 4", "shards = \"four\"");
    assert_eq!(merge(&workplace).code, Some(4), "a plan that is none");
    rewrite("shards = 4", "shards = 4");
    workplace.write("specs/sweep.toml", &sweep().replace("trace = 4.0", "trace = 5.0"));
    refused(shard(&workplace, 1, 4), "another text of this spec");
    refused(merge(&workplace), "another text of this spec");
    refused(workplace.run(&["status", "specs/sweep.toml"]), "another text of this spec");
    assert_eq!(workplace.run(&["plan", "specs/sweep.toml", "--shards", "5", "--force"]).code, Some(0));
    assert_eq!(shard(&workplace, 1, 5).code, Some(0));
    assert_eq!(workplace.run(&["run", "specs/sweep.toml", "--shard", "0/3", "--force"]).code, Some(0));
    assert_eq!(shard(&workplace, 1, 3).code, Some(0));
}

#[test]
fn a_corrupt_part_is_named_and_not_merged() {
    let workplace = Workplace::with("sweep", &sweep());
    for index in 0..2 {
        shard(&workplace, index, 2);
    }
    let part = workplace.contents("reports/sweep").into_keys().find(|name| name.starts_with("parts/")).expect("a part");
    let path = workplace.path("reports/sweep").join(&part);
    let mut content = std::fs::read(&path).expect("a part");
    content[100] ^= 1;
    std::fs::write(&path, content).expect("writable");
    let merged = merge(&workplace);
    assert_eq!(merged.code, Some(4), "{}", merged.stderr);
    assert!(merged.stderr.contains(part.trim_start_matches("parts/")), "{}", merged.stderr);
    assert!(!workplace.path("reports/sweep/manifest.toml").exists());
    let status = workplace.run(&["status", "specs/sweep.toml", "--missing"]);
    assert!(["0\n", "1\n"].contains(&status.stdout.as_str()), "{}", status.stdout);
    shard(&workplace, status.stdout.trim().parse().expect("a shard"), 2);
    assert_eq!(merge(&workplace).code, Some(0));
}

#[test]
fn a_part_of_another_engine_is_neither_merged_nor_gone_on_from() {
    let workplace = Workplace::with("small", SMALL);
    workplace.run(&["run", "specs/small.toml", "--shard", "0/1"]);
    let spec = engine::Spec::load(&workplace.path("specs/small.toml"), None).expect("valid");
    // The part as an engine of the same length of version would have written it, with its right name.
    let cell = &spec.cells[0].hash;
    let folder = workplace.path("reports/small/parts");
    let of_cell = |entry: std::io::Result<std::fs::DirEntry>| Some(entry.ok()?.path());
    let path = std::fs::read_dir(&folder).expect("a folder").filter_map(of_cell);
    let path = path.into_iter().find(|path| path.to_string_lossy().contains(&cell[..24])).expect("a part");
    let content = std::fs::read(&path).expect("a part");
    let older = replaced(&content, b"0.1.0", b"0.0.9");
    std::fs::remove_file(&path).expect("removable");
    let blocks = 1_u64;
    let seal = engine::store::atomic::hash(&[cell.as_bytes(), &blocks.to_le_bytes(), &older].concat());
    std::fs::write(folder.join(format!("{}-1-{}.parquet", &cell[..24], &seal[..24])), older).expect("writable");
    let merged = workplace.run(&["merge", "specs/small.toml"]);
    assert_eq!(merged.code, Some(4));
    assert!(merged.stderr.contains("was written by engine 0.0.9"), "{}", merged.stderr);
    let ran = workplace.run(&["run", "specs/small.toml"]);
    assert!(ran.stderr.contains("warning") && ran.stderr.contains("engine 0.0.9"), "{}", ran.stderr);
    assert_eq!(workplace.run(&["verify", "specs/small.toml"]).code, Some(0));
}

/// All places of a piece replaced by one of the same length.
fn replaced(content: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut content = content.to_vec();
    let places: Vec<usize> = (0..content.len() - from.len()).filter(|i| content[*i..].starts_with(from)).collect();
    assert!(!places.is_empty(), "the part does not say its engine");
    places.into_iter().for_each(|i| content[i..i + to.len()].copy_from_slice(to));
    content
}

#[test]
fn a_wrong_shard_is_refused_before_anything_happens() {
    let workplace = Workplace::with("sweep", &sweep());
    for shard in ["4/4", "0/0", "x", "1", "auto", "auto/0", "-1/4", "0/100001"] {
        let ran = workplace.run(&["run", "specs/sweep.toml", &format!("--shard={shard}")]);
        assert_eq!(ran.code, Some(2), "{shard}");
        assert!(ran.stderr.contains("a shard is K/N"), "{shard}: {}", ran.stderr);
    }
    assert!(!workplace.path("reports").exists());
}

#[test]
fn the_jobs_of_a_cluster_are_written_as_documented() {
    let workplace = Workplace::with("sweep", &sweep());
    let ran = workplace.run(&["slurm", "specs/sweep.toml", "--shards", "16", "--at-once", "8", "--cpus-per-task", "4"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let read = |name: &str| {
        let text = std::fs::read_to_string(workplace.path("reports/sweep/slurm").join(name)).expect("a script");
        let program = text.split_whitespace().skip_while(|word| *word != "exec").nth(1).expect("a program").to_owned();
        text.replace(&program, "PROGRAM")
    };
    insta::assert_snapshot!("jobs", format!("{}\n{}\n{}", ran.stdout, read("shards.sbatch"), read("merge.sbatch")));
    for index in [0, 1, 4, 5] {
        shard(&workplace, index, 16);
    }
    workplace.run(&["slurm", "specs/sweep.toml", "--missing"]);
    // Shards without a cell are complete from the start.
    assert!(read("shards.sbatch").contains("--array=2-3,6-7\n"), "{}", read("shards.sbatch"));
    let unknown = workplace.run(&["slurm", "specs/sweep.toml", "--shards", "16", "--time", "1h"]);
    assert!(unknown.code == Some(2) && unknown.stderr.contains("HH:MM:SS"), "{}", unknown.stderr);
}
