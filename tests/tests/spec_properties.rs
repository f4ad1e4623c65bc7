//! Specs that are almost right: hostile numbers, keys of others, ends cut off. None panics or hangs, and what is refused is
//! refused with a place.

mod common;
#[path = "../../fuzz/src/lib.rs"]
#[allow(dead_code, unreachable_pub, unused_imports, reason = "a crate of its own")]
mod fuzz;

use std::collections::BTreeSet;
use std::ops::Range;

use common::markdown::{files, repository};
use common::refusal::processor_time;
use common::valid::valid_specs;
use engine::spec::raw::RawSpec;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

/// What may stand where a number did.
const HOSTILE: [&str; 16] = [
    "nan",
    "-inf",
    "-0.0",
    "1e400",
    "5e-324",
    "1.7e308",
    "-1",
    "0",
    "1099511627777",
    "9007199254740993",
    "9223372036854775807",
    "18446744073709551615",
    "\"\"",
    "[]",
    "{}",
    "1979-05-27",
];

/// How many of them each number meets.
const TURN: usize = 5;

/// What one spec may take of the processor, twice read and once printed.
const LONGEST: f64 = 2.0;

/// The numbers of a text.
fn numbers(text: &str) -> Vec<Range<usize>> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || "._-+".contains(c);
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(begin) = text[at..].find(is_word).map(|begin| at + begin) {
        let end = text[begin..].find(|c| !is_word(c)).map_or(text.len(), |length| begin + length);
        if text[begin..end].parse::<f64>().is_ok() {
            found.push(begin..end);
        }
        at = end;
    }
    found
}

fn replaced(text: &str, range: Range<usize>, by: &str) -> String {
    format!("{}{by}{}", &text[..range.start], &text[range.end..])
}

/// Runs what must hold of any text, and says which one took long.
fn check(text: &str) {
    let before = processor_time();
    fuzz::spec(text.as_bytes());
    let seconds = (processor_time() - before).as_secs_f64();
    assert!(seconds < LONGEST, "{seconds} s for\n{text}");
}

/// Each number of the language, once in all specs, is replaced by hostile ones: by some of them, in turn.
#[test]
fn every_number_may_be_anything() {
    let mut seen = BTreeSet::new();
    for text in valid_specs() {
        for number in numbers(&text) {
            let line = text[..number.start].rfind('\n').map_or(0, |newline| newline + 1);
            let section = text[..line].rfind("\n[").map_or("", |at| text[at..].lines().nth(1).unwrap_or_default());
            // One entry of an array stands for all.
            let key = text[line..number.start].split('[').next().unwrap_or_default();
            if seen.insert(format!("{section} {key}")) {
                let turn = HOSTILE.iter().cycle().skip(seen.len() * TURN).take(TURN);
                turn.for_each(|hostile| check(&replaced(&text, number.clone(), hostile)));
            }
        }
    }
    assert!(seen.len() > 150, "{} numbers", seen.len());
}

#[test]
fn shipped_specs_survive_being_printed() {
    for path in files(&repository().join("specs"), ".toml") {
        let text = std::fs::read_to_string(&path).expect("text");
        let json = |text: &str| -> serde_json::Value {
            let raw: RawSpec = toml::from_str(text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            serde_json::json!(raw)
        };
        assert_eq!(json(&fuzz::printed(&text)), json(&text), "{}", path.display());
    }
}

/// What may happen to a text.
#[derive(Debug, Clone)]
enum Mutation {
    Number(usize, usize),
    /// A value for another one, each of any line.
    Value(usize, usize),
    /// A key for another one.
    Key(usize, usize),
    /// The lines of another spec from one to another place of this one.
    Splice(usize, usize, usize, usize),
    Truncate(usize),
}

fn mutations() -> impl Strategy<Value = Vec<Mutation>> {
    let at = || any::<usize>();
    let mutation = prop_oneof![
        4 => (at(), at()).prop_map(|(at, by)| Mutation::Number(at, by)),
        4 => (at(), at()).prop_map(|(at, by)| Mutation::Value(at, by)),
        4 => (at(), at()).prop_map(|(at, by)| Mutation::Key(at, by)),
        2 => (at(), at(), at(), 1_usize..12).prop_map(|(spec, from, to, n)| Mutation::Splice(spec, from, to, n)),
        1 => at().prop_map(Mutation::Truncate),
    ];
    prop::collection::vec(mutation, 1..4)
}

fn mutated(text: &str, mutation: &Mutation, specs: &[String]) -> String {
    let of = |ranges: Vec<Range<usize>>, at: usize| ranges.get(at % ranges.len().max(1)).cloned();
    let (keys, values): (Vec<_>, Vec<_>) = entries(text).into_iter().unzip();
    let changed = match mutation {
        Mutation::Number(at, by) => {
            of(numbers(text), *at).map(|range| replaced(text, range, HOSTILE[by % HOSTILE.len()]))
        }
        Mutation::Value(at, by) => {
            of(values.clone(), *at).zip(of(values, *by)).map(|(to, from)| replaced(text, to, &text[from]))
        }
        Mutation::Key(at, by) => {
            of(keys.clone(), *at).zip(of(keys, *by)).map(|(to, from)| replaced(text, to, &text[from]))
        }
        Mutation::Splice(spec, from, to, n) => {
            let mut lines: Vec<&str> = text.lines().collect();
            let others: Vec<&str> = specs[spec % specs.len()].lines().collect();
            let from = from % others.len();
            let to = to % (lines.len() + 1);
            lines.splice(to..to, others[from..(from + n).min(others.len())].iter().copied());
            Some(lines.join("\n"))
        }
        Mutation::Truncate(at) => Some(text[..text.floor_char_boundary(at % (text.len() + 1))].to_owned()),
    };
    changed.unwrap_or_else(|| text.to_owned())
}

/// Where keys and their values stand, line by line.
fn entries(text: &str) -> Vec<(Range<usize>, Range<usize>)> {
    let mut at = 0;
    let mut found = Vec::new();
    for line in text.split_inclusive('\n') {
        if let Some((key, value)) = line.split_once(" = ") {
            let begin = at + key.len() + 3;
            found.push((at..at + key.len(), begin..begin + value.trim_end().len()));
        }
        at += line.len();
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 250, failure_persistence: None, rng_seed: RngSeed::Fixed(8), ..ProptestConfig::default() })]

    #[test]
    fn a_spec_of_wrong_pieces_is_a_spec_or_has_a_problem_with_a_place(spec in any::<usize>(), mutations in mutations()) {
        let specs = SPECS.with(Clone::clone);
        let text = specs[spec % specs.len()].clone();
        check(&mutations.iter().fold(text, |text, mutation| mutated(&text, mutation, &specs)));
    }
}

thread_local! {
    static SPECS: std::rc::Rc<Vec<String>> = std::rc::Rc::new(valid_specs());
}
