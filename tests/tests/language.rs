//! The experiment language: its types, its schema and its checks agree, and what a spec means does not depend on how it
//! is written.

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use common::markdown::{files, repository};
use common::valid::{EXP6, Edit, HORIZONS, NOISE, SMALL, SPREADS, edited, valid_specs};
use engine::Spec;
use engine::spec::expression::evaluate;
use engine::spec::raw::RawSpec;
use engine::spec::scalars::Scalars;
use engine::spec::schema::json_schema;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::Value as Json;

#[test]
fn valid_specs_pass_the_checks_and_survive_a_round_trip() {
    for text in valid_specs() {
        let raw = typed(&text);
        let written = toml::to_string(&raw).unwrap_or_else(|error| panic!("{error}\n{text}"));
        assert_eq!(json(&typed(&written)), json(&raw), "{text}");
        // Sorted, because the types keep the axes of a sweep by name.
        let hashes = |text: &str| BTreeSet::from_iter(hashes(&parsed(text)));
        assert_eq!(hashes(&written), hashes(&text), "{text}");
    }
}

#[test]
fn valid_specs_use_every_kind_of_the_schema() {
    let mut kinds = BTreeSet::new();
    collect_kinds(&json_schema(), &mut kinds);
    assert!(kinds.len() > 35, "{kinds:?}");
    let mut used = BTreeSet::new();
    for text in valid_specs() {
        collect_words(&json(&typed(&text)), &mut used);
    }
    let unused: Vec<_> = kinds.difference(&used).collect();
    assert!(unused.is_empty(), "no valid spec of this test uses {unused:?}");
}

#[test]
fn the_schema_for_editors_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs/schema.json");
    let stored = std::fs::read_to_string(&path).unwrap_or_default();
    let current = serde_json::to_string_pretty(&json_schema()).unwrap_or_default() + "\n";
    assert!(stored == current, "run exactly this: cargo run -q -p xtask -- schema > specs/schema.json");
}

#[test]
fn every_key_and_word_of_the_schema_is_described() {
    let mut mute = Vec::new();
    collect_undescribed(&json_schema(), "", &mut mute);
    assert!(mute.is_empty(), "without a description: {mute:#?}");
}

#[test]
fn every_spec_names_the_schema_for_editors() {
    let folder = repository().join("specs");
    let specs = files(&folder, ".toml");
    assert!(specs.len() > 50, "{} specs", specs.len());
    for path in specs {
        let above = path.strip_prefix(&folder).map_or(0, |below| below.components().count() - 1);
        let up = if above == 0 { "./".to_owned() } else { "../".repeat(above) };
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        let line = format!("#:schema {up}schema.json\n");
        assert!(text.starts_with(&line), "{} does not begin with {line}", path.display());
    }
}

#[test]
fn the_writing_of_a_spec_does_not_change_its_cells() {
    let before = hashes(&parsed(SMALL));
    let same: &[(&str, &[Edit])] = &[
        (
            "the name of a measure",
            &[
                ("name = \"directions\"\nobserve", "name = \"direction\"\nobserve"),
                ("measure = \"directions\"", "measure = \"direction\""),
            ],
        ),
        ("comments", &[("seed = 1\n\n", "seed = 1 # one\n# two\n\n"), (NOISE, &format!("# three\n{NOISE} # four"))]),
        ("whitespace", &[("dimension = 2", "  dimension=2\t\n\n"), ("[1.0, 2.0]", "[\n 1.0,\n 2.0,\n]")]),
        ("the spelling of numbers", &[("[1.0, 2.0]", "[1, 20e-1]"), ("[0.1, 0.2]", "[1e-1, 0.20]")]),
        ("the spelling of swept numbers", &[("[1.0, 2.0, 3.0]", "[1, 0.2e1, +3.000]")]),
        ("the spelling of keys", &[("dimension = 2", "\"dimension\" = 0x2")]),
        (
            "dotted keys",
            &[
                (NOISE, ""),
                (
                    "[sampling.iid]",
                    "[problem.quadratic.noise]\nrandom_spd.from = 1.0\nrandom_spd.to = 2.0\nrandom_spd.trace = 3.0\n\
                     random_spd.seed = 1\n\n[sampling.iid]",
                ),
            ],
        ),
        (
            "the order of keys",
            &[("from = 1.0, to = 2.0, trace = 3.0, seed = 1", "seed = 1, trace = 3.0, to = 2.0, from = 1.0")],
        ),
        (
            "the order of sections",
            &[
                ("[replicates]\ncount = 1000\n", ""),
                ("[problem.quadratic]", "[replicates]\ncount = 1000\n\n[problem.quadratic]"),
            ],
        ),
        ("the order of zipped axes", &[(HORIZONS, ""), (SPREADS, &format!("{SPREADS}{HORIZONS}"))]),
        ("the title", &[("a small spec", "another title")]),
        ("the source", &[("Proposition 1", "Proposition 2")]),
        ("claims", &[("resolution = 0.1", "resolution = 0.2"), ("name = \"law\"", "name = \"laws\"")]),
        ("the family-wise error", &[("seed = 1\n\n", "seed = 1\nfamily_wise_error = 0.01\n\n")]),
        ("figures", &[("y_label = \"risk\"", "y_label = \"\""), ("component = 2", "component = 1")]),
        ("the scale", &[("scale = \"b / eta\"", "scale = \"1 / tau\"")]),
        ("as many replicates as there are anyway", &[("count = 1000", "count = 1001")]),
    ];
    for (what, edits) in same {
        assert_eq!(hashes(&parsed(&edited(SMALL, edits))), before, "{what} changed the cells");
    }
}

#[test]
fn the_meaning_of_a_spec_changes_its_cells() {
    let before = hashes(&parsed(SMALL));
    let others: &[(&str, Edit)] = &[
        ("the step size", ("[0.1, 0.2]", "[0.11, 0.21]")),
        ("the seed", ("seed = 1\n\n", "seed = 2\n\n")),
        ("the horizon", ("[100, 200]", "[101, 201]")),
        ("the curvature", ("curvature.diagonal = [1.0, 2.0]", "curvature.diagonal = [1.0, 2.5]")),
        ("the seed of the noise", ("trace = 3.0, seed = 1", "trace = 3.0, seed = 2")),
        ("the batch size", ("batch_size = 2", "batch_size = 3")),
        ("the population", ("population = \"rademacher\"", "population = \"uniform\"")),
        ("the records", ("record.logarithmic = 5", "record.logarithmic = 6")),
        ("the replicates", ("count = 1000", "count = 100000")),
        ("a measure", ("observe.quadratic = \"curvature\"", "observe.quadratic = \"identity\"")),
    ];
    for (what, edit) in others {
        let after: BTreeSet<_> = hashes(&parsed(&edited(SMALL, &[*edit]))).into_iter().collect();
        assert!(before.iter().all(|hash| !after.contains(hash)), "{what} did not change every cell");
    }
    let all: BTreeSet<_> = before.iter().collect();
    assert_eq!(all.len(), before.len(), "two cells have one hash");
}

#[test]
fn a_sweep_combines_its_grid_and_advances_its_zip() {
    let spec = parsed(&edited(
        SMALL,
        &[("[variants.isotropic]\n\"problem.quadratic.noise_shape\" = \"trace_matched_isotropic\"\n", "")],
    ));
    let value = |cell: &engine::spec::Cell, end: &str| {
        let found = cell.coordinates.iter().find(|(path, _)| path.ends_with(end));
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    let ends = ["step_size.constant", "trace", "horizon.steps", "spread"];
    let cells: Vec<[String; 4]> = spec.cells.iter().map(|cell| ends.map(|end| value(cell, end))).collect();
    let mut expected = Vec::new();
    for step_size in ["0.1", "0.2"] {
        for trace in ["1", "2", "3"] {
            for (horizon, spread) in [("100", "0.5"), ("200", "0.25")] {
                expected.push([step_size, trace, horizon, spread].map(str::to_owned));
            }
        }
    }
    assert_eq!(cells, expected);
    for (cell, expected) in spec.cells.iter().zip(&expected) {
        assert_eq!(cell.scalars.get("eta").map(|eta| eta.to_string()).as_ref(), Some(&expected[0]));
        assert_eq!(cell.recorded.last().map(u64::to_string).as_ref(), Some(&expected[2]));
    }
}

#[test]
fn variants_stand_next_to_each_other_and_share_their_streams() {
    let spec = parsed(SMALL);
    assert_eq!(spec.variants, ["base", "isotropic"]);
    assert_eq!(spec.cells.len(), 24);
    for pair in spec.cells.chunks(2) {
        assert_eq!((pair[0].variant, pair[1].variant), (0, 1));
        assert_eq!(pair[0].key, pair[1].key);
        assert_eq!(pair[0].coordinates, pair[1].coordinates);
        assert_ne!(pair[0].hash, pair[1].hash);
    }
    let keys: BTreeSet<_> = spec.cells.iter().map(|cell| &cell.key).collect();
    assert_eq!(keys.len(), 12, "two points share their streams");
}

#[test]
fn another_value_on_an_axis_leaves_the_other_cells_as_they_are() {
    let by_key = |text: &str| -> BTreeMap<(String, usize), String> {
        let spec = parsed(text);
        spec.cells.into_iter().map(|cell| ((cell.key, cell.variant), cell.hash)).collect()
    };
    let before = by_key(SMALL);
    let longer: &[(&[Edit], usize)] = &[
        (&[("[0.1, 0.2]", "[0.1, 0.15, 0.2]")], 36),
        (&[("[1.0, 2.0, 3.0]", "[4.0, 1.0, 2.0, 3.0]")], 32),
        (&[("[100, 200]", "[50, 100, 200]"), ("[0.5, 0.25]", "[0.5, 0.5, 0.25]")], 36),
        (
            &[(
                "[variants.isotropic]",
                "[variants.wide]\n\"process.sgd.start.gaussian.spread\" = 2.0\n\n[variants.isotropic]",
            )],
            36,
        ),
    ];
    for (edits, n_cells) in longer {
        let after = by_key(&edited(SMALL, edits));
        assert_eq!(after.len(), *n_cells);
        let is_kept = |key: &str, hash: &String| after.iter().any(|((other, _), found)| other == key && found == hash);
        assert!(before.iter().all(|((key, _), hash)| is_kept(key, hash)), "{edits:?}");
    }
}

/// What may happen to a text.
#[derive(Debug, Clone)]
enum Mutation {
    DeleteBytes(usize, usize),
    DuplicateBytes(usize, usize),
    Insert(usize, String),
    DeleteLine(usize),
    DuplicateLine(usize, usize),
    SwapLines(usize, usize),
}

fn mutations() -> impl Strategy<Value = Vec<Mutation>> {
    let at = || any::<usize>();
    let piece = prop_oneof![
        "\\PC{1,3}",
        "[\\[\\]{}\"'=.,#\\n\\-_0-9a-z]{1,3}",
        prop::sample::select(vec![
            "nan",
            "-1",
            "0",
            "1e999",
            "[",
            "{}",
            "\"\"",
            "true",
            "\n[[claim]]\n",
            ".",
            "= ",
            "\0"
        ])
        .prop_map(str::to_owned),
    ];
    let mutation = prop_oneof![
        (at(), 1_usize..20).prop_map(|(at, n)| Mutation::DeleteBytes(at, n)),
        (at(), 1_usize..20).prop_map(|(at, n)| Mutation::DuplicateBytes(at, n)),
        (at(), piece).prop_map(|(at, piece)| Mutation::Insert(at, piece)),
        at().prop_map(Mutation::DeleteLine),
        (at(), at()).prop_map(|(from, to)| Mutation::DuplicateLine(from, to)),
        (at(), at()).prop_map(|(a, b)| Mutation::SwapLines(a, b)),
    ];
    prop::collection::vec(mutation, 1..4)
}

fn mutated(text: &str, mutation: &Mutation) -> String {
    let position = |at: usize| text.floor_char_boundary(at % (text.len() + 1));
    let range = |at: usize, n: usize| position(at)..text.floor_char_boundary((position(at) + n).min(text.len()));
    let mut lines: Vec<&str> = text.lines().collect();
    let n = lines.len().max(1);
    match mutation {
        Mutation::DeleteBytes(at, n) => {
            let range = range(*at, *n);
            return format!("{}{}", &text[..range.start], &text[range.end..]);
        }
        Mutation::DuplicateBytes(at, n) => {
            let range = range(*at, *n);
            return format!("{}{}", &text[..range.end], &text[range.start..]);
        }
        Mutation::Insert(at, piece) => return format!("{}{piece}{}", &text[..position(*at)], &text[position(*at)..]),
        Mutation::DeleteLine(line) if !lines.is_empty() => drop(lines.remove(line % n)),
        Mutation::DuplicateLine(from, to) if !lines.is_empty() => lines.insert(to % n, lines[from % n]),
        Mutation::SwapLines(a, b) if !lines.is_empty() => lines.swap(a % n, b % n),
        _ => {}
    }
    lines.join("\n")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, rng_seed: RngSeed::Fixed(6), ..ProptestConfig::default() })]

    #[test]
    fn a_mutated_spec_is_a_spec_or_has_a_problem_with_a_place(mutations in mutations()) {
        let small = edited(EXP6, &[("dimension = 50", "dimension = 3")]);
        let text = mutations.iter().fold(small, |text, mutation| mutated(&text, mutation));
        if let Err(error) = Spec::parse("exp6", "specs/exp6.toml", &text, None) {
            prop_assert!(error.problems().next().is_some());
            prop_assert!(error.to_string().contains("specs/exp6.toml:"), "{error}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 5000, failure_persistence: None, rng_seed: RngSeed::Fixed(7), ..ProptestConfig::default() })]

    #[test]
    fn an_expression_has_a_finite_value_or_a_message(text in prop_oneof!["[-+*/^() .0-9a-z_{}]{0,20}", "\\PC{0,20}", expressions()]) {
        let scalars = Scalars::new(vec![("b", 2.0), ("eta", 0.1), ("d", 50.0)]);
        match evaluate(&text, &scalars) {
            Ok(value) => prop_assert!(value.is_finite()),
            Err(error) => prop_assert!(!error.message.is_empty()),
        }
    }
}

/// Words of the language of expressions in any order.
fn expressions() -> impl Strategy<Value = String> {
    let words =
        ["b", "eta", "d", "x", "1", "0.5", "1e3", "+", "-", "*", "/", "^", "(", ")", "sqrt", "exp", "ln", " ", "{b}"];
    prop::collection::vec(prop::sample::select(words.to_vec()), 0..12).prop_map(|words| words.concat())
}

fn parsed(text: &str) -> Spec {
    Spec::parse("case", "specs/case.toml", text, None).unwrap_or_else(|error| panic!("{error}"))
}

fn typed(text: &str) -> RawSpec {
    toml::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn json(raw: &RawSpec) -> Json {
    serde_json::to_value(raw).unwrap_or_else(|error| panic!("{error}"))
}

fn hashes(spec: &Spec) -> Vec<String> {
    spec.cells.iter().map(|cell| cell.hash.clone()).collect()
}

/// The kinds and words of all enums of a schema.
fn collect_kinds(schema: &Json, kinds: &mut BTreeSet<String>) {
    for variant in schema.get("oneOf").and_then(Json::as_array).into_iter().flatten() {
        let words = variant.get("enum").and_then(Json::as_array).into_iter().flatten();
        let words = words.chain(variant.get("const")).filter_map(Json::as_str);
        let tables = variant.get("properties").and_then(Json::as_object).into_iter().flat_map(|table| table.keys());
        kinds.extend(words.map(str::to_owned).chain(tables.cloned()));
    }
    for part in children(schema) {
        collect_kinds(part, kinds);
    }
}

/// The places of a schema whose keys, kinds or words do not say what they are for.
fn collect_undescribed(schema: &Json, place: &str, mute: &mut Vec<String>) {
    let is_described =
        |schema: &Json| schema.get("description").and_then(Json::as_str).is_some_and(|text| text.len() > 1);
    let Json::Object(table) = schema else {
        let parts = schema.as_array().into_iter().flatten();
        return parts.for_each(|part| collect_undescribed(part, place, mute));
    };
    for (key, property) in table.get("properties").and_then(Json::as_object).into_iter().flatten() {
        if !is_described(property) {
            mute.push(format!("{place}/{key}"));
        }
    }
    if (table.contains_key("const") || table.contains_key("enum")) && !is_described(schema) {
        mute.push(place.to_owned());
    }
    for (key, part) in table {
        collect_undescribed(part, &format!("{place}/{key}"), mute);
    }
}

/// All keys and strings of a document.
fn collect_words(document: &Json, words: &mut BTreeSet<String>) {
    words.extend(document.as_object().into_iter().flat_map(|table| table.keys().cloned()));
    words.extend(document.as_str().map(str::to_owned));
    for part in children(document) {
        collect_words(part, words);
    }
}

fn children(document: &Json) -> impl Iterator<Item = &Json> {
    let items = document.as_array().into_iter().flatten();
    items.chain(document.as_object().into_iter().flat_map(|table| table.values()))
}
