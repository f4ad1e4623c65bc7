//! Replicates until the verdict is safe: which cells go on, what is stored, and that nothing depends on the way there.

mod common;

use std::collections::BTreeMap;

use common::cli::{SMALL, Workplace};
use common::{edited, parse};
use engine::layout::Layout;
use engine::predict::predict;
use engine::progress::Quiet;
use engine::simulate::{CellData, extend, simulate};
use engine::verdict::Trial;
use engine::{Spec, Verdict};
use polars::prelude::*;

/// Looks at 8 192 replicates and, doubling, at up to 131 072.
const UNTIL: (&str, &str) = ("replicates.count = 4096", "replicates = { until = \"decided\", max = 131072 }");
const CLAIM: &str = "[[claim]]\nname = \"exact\"";

/// The small experiment with looks. Its intervals reach about ±0.05 at the first and ±0.012 at the last: a resolution of 0.15
/// is decided at once, one of 10⁻⁶ never.
fn until(resolution: &str) -> String {
    edited(SMALL, &[UNTIL, ("resolution = 0.15", &format!("resolution = {resolution}"))])
}

/// Runs a spec to its end, and returns its results with the exit code.
fn ran(name: &str, text: &str, threads: &str) -> (Workplace, Option<i32>) {
    let workplace = Workplace::with(name, text);
    let code = workplace.run(&["run", &format!("specs/{name}.toml"), "--threads", threads]).code;
    (workplace, code)
}

fn table(workplace: &Workplace, path: &str) -> DataFrame {
    let file = std::fs::File::open(workplace.path(path)).expect("a table");
    ParquetReader::new(file).finish().expect("readable")
}

fn wholes(frame: &DataFrame, name: &str) -> Vec<u64> {
    frame.column(name).expect("a column").u64().expect("whole numbers").into_no_null_iter().collect()
}

/// The replicates of each cell that a table of recorded values states.
fn replicates(workplace: &Workplace, path: &str) -> BTreeMap<u64, u64> {
    let frame = table(workplace, path);
    wholes(&frame, "cell").into_iter().zip(wholes(&frame, "replicates")).collect()
}

fn parts(workplace: &Workplace, folder: &str) -> BTreeMap<String, Vec<u8>> {
    workplace.contents(folder).into_iter().filter(|(name, _)| name.starts_with("parts/")).collect()
}

#[test]
fn a_cell_that_went_to_the_end_has_the_bytes_of_a_fixed_count() {
    let (looked, code) = ran("small", &until("1e-6"), "2");
    assert_eq!(code, Some(3), "nothing can decide it");
    let fixed = edited(SMALL, &[("count = 4096", "count = 131072"), ("resolution = 0.15", "resolution = 1e-6")]);
    let (fixed, _) = ran("small", &fixed, "1");
    let (all, last) = (parts(&looked, "reports/small"), parts(&fixed, "reports/small"));
    assert_eq!((all.len(), last.len()), (2 * 5, 2), "a part of each cell at each look");
    assert!(last.iter().all(|(name, content)| all.get(name) == Some(content)), "and the last one is that of the count");
    let cells = |workplace: &Workplace| workplace.contents("reports/small")["cells.parquet"].clone();
    assert!(cells(&looked) == cells(&fixed));
}

#[test]
fn a_cell_is_the_same_cell_whichever_way_its_replicates_are_asked_for() {
    let hashes = |text: &str| parse("small", text).cells.into_iter().map(|cell| cell.hash).collect::<Vec<_>>();
    let with = |replicates: &str| edited(SMALL, &[("replicates.count = 4096", replicates)]);
    let until = hashes(&with("replicates = { until = \"decided\", max = 131072 }"));
    assert_eq!(until, hashes(&with("replicates.count = 131072")));
    assert_eq!(until, hashes(&with("replicates = { until = \"decided\", max = 131072, first = 16384 }")));
    assert_ne!(until, hashes(&with("replicates = { until = \"decided\", max = 150000 }")));
}

#[test]
fn blocks_that_are_added_later_give_the_bits_of_all_at_once() {
    let spec = parse("small", &until("0.05"));
    let sizes: Vec<u64> = spec.looks.iter().map(|look| look.replicates()).collect();
    assert_eq!(sizes, [8_192, 16_384, 32_768, 65_536, 131_072]);
    let cell = &spec.cells[0];
    let mut data = CellData::nothing(&spec, cell);
    for look in &spec.looks {
        data = extend(&spec, cell, &data, *look, &|| true, &Quiet).expect("nobody stops it");
    }
    assert_eq!(Some(data), simulate(&spec, cell, &|| true, &Quiet));
}

/// One claim is about both cells and decided at once; the other is about the second, and needs a later look: at the first its
/// interval is too wide.
fn easy_and_hard() -> String {
    let hard = "[[claim]]\nname = \"hard\"\nsays = \"The risk follows its exact law closely.\"\nmeasure = \"risk\"\n\
                against.exact = { resolution = 0.045 }\nat = \"last_record\"\nwhere = \"0.07 - eta\"\n\n";
    edited(&until("0.15"), &[(CLAIM, &format!("{hard}{CLAIM}"))])
}

#[test]
fn only_the_cell_of_the_hard_claim_goes_on() {
    let (workplace, code) = ran("small", &easy_and_hard(), "2");
    assert_eq!(code, Some(0));
    let replicates = replicates(&workplace, "reports/small/cells.parquet");
    assert_eq!(replicates[&0], 8192, "{replicates:?}");
    assert!((16_384..=65_536).contains(&replicates[&1]), "{replicates:?}");
    // What was decided at the first look stands as it was, also of the cell that went on.
    let tests = table(&workplace, "reports/small/claims.parquet");
    let names: Vec<&str> = tests.column("claim").expect("a column").str().expect("names").iter().flatten().collect();
    for ((name, cell), judged_on) in names.iter().zip(wholes(&tests, "cell")).zip(wholes(&tests, "replicates")) {
        let expected = if *name == "exact" { 8192 } else { replicates[&cell] };
        assert_eq!(judged_on, expected, "{name} in cell {cell}");
    }
    let manifest = String::from_utf8(workplace.contents("reports/small")["manifest.toml"].clone()).expect("text");
    assert!(manifest.contains(&format!("cell_replicates = [8192, {}]", replicates[&1])), "{manifest}");
}

#[test]
fn people_read_how_many_replicates_decided() {
    let workplace = Workplace::with("small", &easy_and_hard());
    insta::assert_snapshot!("validate", workplace.run(&["validate", "specs/small.toml"]).seen());
    insta::assert_snapshot!("run", workplace.run(&["run", "specs/small.toml"]).seen());
    let readme = String::from_utf8(workplace.contents("reports/small")["README.md"].clone()).expect("text");
    insta::assert_snapshot!("readme", readme);
    insta::assert_snapshot!("explain", workplace.run(&["explain", "specs/small.toml", "hard"]).seen());
    workplace.run(&["report"]);
    let page = std::fs::read_to_string(workplace.path("reports/index.html")).expect("a page");
    assert!(page.contains("replicates in each of 2 cells") && page.contains(" to "), "the page tells the range");
}

#[test]
fn results_are_judged_again_from_the_looks_that_are_stored() {
    let (workplace, _) = ran("small", &easy_and_hard(), "2");
    let before = workplace.contents("reports/small");
    let stored = std::fs::read(workplace.path("reports/small/claims.parquet")).expect("a table");
    let checked = workplace.run(&["check", "--format", "json"]);
    assert_eq!(checked.code, Some(0), "{}", checked.stderr);
    let ran = workplace.run(&["run", "specs/small.toml", "--format", "json"]);
    assert_eq!((ran.code, &ran.stdout), (Some(0), &checked.stdout), "a check says what a run says");
    assert!(before == workplace.contents("reports/small"), "and nothing is simulated or written anew");
    assert!(stored == before["claims.parquet"]);
    // A claim that asks for more than the stored looks have is not decided by a check, and goes on in a run.
    workplace.write("specs/small.toml", &edited(&easy_and_hard(), &[("resolution = 0.045", "resolution = 0.022")]));
    assert_eq!(workplace.run(&["check"]).code, Some(3));
    assert_eq!(workplace.run(&["run", "specs/small.toml"]).code, Some(0));
    let after = parts(&workplace, "reports/small");
    assert!(parts(&workplace, "reports/small").len() > before.keys().filter(|name| name.starts_with("parts/")).count());
    assert!(after.iter().all(|(name, content)| before.get(name).is_none_or(|before| before == content)));
    // Without the part of its second look the second cell cannot be judged.
    let second = after.keys().find(|name| name.contains("-2-")).expect("a part of a second look");
    std::fs::remove_file(workplace.path("reports/small").join(second)).expect("removable");
    let checked = workplace.run(&["check"]);
    assert!(checked.code == Some(3) && checked.stderr.contains("lacks 1 of 2 cells"), "{}", checked.stderr);
}

#[test]
fn a_part_of_another_look_is_not_believed() {
    let (workplace, _) = ran("small", &until("1e-6"), "2");
    let whole = workplace.contents("reports/small");
    let first = whole.keys().find(|name| name.contains("-1-")).expect("a part of the first look");
    let later = first.replace("-1-", "-2-");
    let (cell, _) = later.split_once("-2-").expect("a second look");
    let own = whole.keys().find(|name| name.starts_with(&format!("{cell}-2-"))).expect("its second look");
    std::fs::remove_file(workplace.path("reports/small").join(own)).expect("removable");
    std::fs::write(workplace.path("reports/small").join(&later), &whole[first]).expect("writable");
    let ran = workplace.run(&["run", "specs/small.toml"]);
    assert!(ran.stderr.contains("corrupt"), "{}", ran.stderr);
    assert!(whole == workplace.contents("reports/small"));
}

#[test]
fn threads_and_kills_change_no_byte() {
    let edits = [
        ("[0.1, 0.05]", "[0.1, 0.07, 0.05, 0.03]"),
        ("dimension = 4", "dimension = 40"),
        ("max = 131072", "max = 32768"),
    ];
    let text = edited(&until("0.012"), &edits);
    let (one, _) = ran("slow", &text, "1");
    let (two, _) = ran("slow", &text, "2");
    let whole = one.contents("reports/slow");
    assert!(whole == two.contents("reports/slow"));
    let looks = parts(&one, "reports/slow").len();
    assert!(looks > 4, "{looks} parts: cells should go on to a second look");
    for parts in [2, 5, looks - 1] {
        let workplace = Workplace::with("slow", &text);
        let mut child = workplace.started("slow", parts);
        child.kill().expect("can be killed");
        child.wait().expect("ends");
        assert!(!workplace.contents("reports/slow").contains_key("manifest.toml"), "killed before the end");
        workplace.run(&["run", "specs/slow.toml"]);
        assert!(whole == workplace.contents("reports/slow"), "killed after {parts} parts");
    }
}

/// The data of all cells at each look that they go to, and the verdicts.
fn decide(spec: &Spec) -> (Vec<CellData>, engine::Judgement) {
    let predictions = predict(spec).expect("a law");
    let mut trial = Trial::new(spec);
    let mut data: Vec<CellData> = spec.cells.iter().map(|cell| CellData::nothing(spec, cell)).collect();
    let mut wanted: Vec<usize> = (0..data.len()).collect();
    for look in &spec.looks {
        for c in wanted {
            data[c] = extend(spec, &spec.cells[c], &data[c], *look, &|| true, &Quiet).expect("nobody stops it");
        }
        trial.look(&data, &predictions);
        wanted = trial.unsettled();
    }
    (data, trial.end())
}

#[test]
fn a_wrong_theory_is_refuted_early_and_a_right_one_holds_early() {
    let right = parse("small", &until("0.06"));
    let (data, judgement) = decide(&right);
    assert_eq!(judgement.overall(), Verdict::Holds);
    assert!(data.iter().all(|data| data.replicates() < 131_072 / 2), "{:?}", data[0].layout);
    let wrong =
        ("against.exact = { resolution = 0.06 }", "against.constant = { value = \"trace_G\", resolution = 0.06 }");
    let wrong = parse("small", &edited(&until("0.06"), &[wrong]));
    let (data, judgement) = decide(&wrong);
    assert_eq!(judgement.overall(), Verdict::Refuted);
    assert!(data.iter().all(|data| data.layout == wrong.looks[0]), "a factor of two is seen at the first look");
    assert!(wrong.looks.len() >= 5, "of many");
}

#[test]
fn nothing_is_simulated_for_a_path_that_diverged_or_a_cell_that_no_claim_reads() {
    let start = ("start.random_point = { radius = 1.0, seed = 1 }", "start.gaussian.spread = 1e200");
    let diverged = parse("far", &edited(&until("0.05"), &[start]));
    let (data, judgement) = decide(&diverged);
    assert_eq!(judgement.overall(), Verdict::Undecided);
    assert!(data.iter().all(|data| data.layout == diverged.looks[0]));
    let unread = ("measure = \"risk\"\nagainst", "measure = \"risk\"\nwhere = \"0.07 - eta\"\nagainst");
    let unread = parse("small", &edited(&until("1e-6"), &[unread]));
    let (data, _) = decide(&unread);
    assert_eq!([data[0].layout, data[1].layout], [unread.looks[0], unread.layout]);
}

#[test]
fn a_ratio_takes_both_of_its_cells_along() {
    let variant = "[variants.cold]\n\"sampling.gaussian.batch_size\" = 4\n\n[[measure]]";
    let ratio = "against.variant = { name = \"cold\", resolution = 1e-6 }\nvariant = \"base\"\nwhere = \"eta - 0.07\"";
    let text = edited(&until("0.15"), &[("[[measure]]", variant), ("against.exact = { resolution = 0.15 }", ratio)]);
    let spec = parse("small", &text);
    let (data, judgement) = decide(&spec);
    let layouts: Vec<Layout> = data.iter().map(|data| data.layout).collect();
    assert_eq!(layouts, [spec.layout, spec.layout, spec.looks[0], spec.looks[0]]);
    assert!(judgement.tests.iter().all(|test| test.replicates == spec.layout.replicates()));
}

#[test]
fn a_plan_tells_what_is_sure_and_what_may_come() {
    let workplace = Workplace::with("small", &easy_and_hard());
    let plan = |arguments: &[&str]| -> Vec<u64> {
        let ran = workplace.run(&[&["plan", "specs/small.toml", "--format", "json"], arguments].concat());
        let plans: Vec<serde_json::Value> = serde_json::from_str(&ran.stdout).expect("a list");
        let keys =
            ["stored", "replicates_at_least", "replicates", "coordinate_steps_left_at_least", "coordinate_steps_left"];
        keys.iter().map(|key| plans[0][*key].as_u64().expect("a number")).collect()
    };
    // 2 cells × 4 coordinates × 40 steps × 8 192 or 131 072 replicates.
    let all = [0, 8_192, 131_072, 2_621_440, 41_943_040];
    assert_eq!(plan(&[]), all);
    workplace.run(&["run", "specs/small.toml"]);
    assert_eq!(plan(&[]), [2, 8_192, 131_072, 0, 0]);
    assert_eq!(plan(&["--force"]), all);
    // Without the second look of the second cell: 8 192 replicates more for sure, 122 880 at most.
    let names = workplace.contents("reports/small").into_keys().filter(|name| name.contains("-2-"));
    names.for_each(|name| std::fs::remove_file(workplace.path("reports/small").join(name)).expect("removable"));
    assert_eq!(plan(&[]), [1, 8_192, 131_072, 8_192 * 160, 122_880 * 160]);
    let shown = workplace.run(&["plan", "specs/small.toml"]).stdout;
    assert!(shown.contains("8 192 to 1.3·10⁵"), "{shown}");
}

#[test]
fn results_of_other_looks_are_told_apart_by_statistics() {
    let workplace = Workplace::with("small", &easy_and_hard());
    workplace.run(&["run", "specs/small.toml", "--out", "looks"]);
    workplace.write("specs/small.toml", &edited(SMALL, &[("count = 4096", "count = 131072")]));
    workplace.run(&["run", "specs/small.toml", "--out", "fixed"]);
    let compared = workplace.run(&["diff", "looks/small", "fixed/small", "--format", "json"]);
    let comparison: serde_json::Value = serde_json::from_str(&compared.stdout).expect("an object");
    assert_eq!(comparison["n_same_draws"], 0, "of one hash, but of other numbers of replicates: {comparison}");
    assert_eq!(comparison["values"], serde_json::json!([]), "and nothing moved");
}
