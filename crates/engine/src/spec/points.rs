//! The points of a sweep, and the variants at each: overrides spliced into the document, so that errors keep their place.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value as Json;

use super::check::check_spliced_shape;
use super::diagnostic::{Problems, nearest_of, quote};
use super::is_name;
use super::node::{Entry, Node, Span, Value};
use super::raw::RawSpec;

/// The name of the spec without overrides, if it gives itself none.
pub const BASE: &str = "base";

/// The sections that a sweep or a variant may change.
pub(super) const SWEPT: [&str; 3] = ["problem", "sampling", "process"];

/// The most keys that a sweep or a variant sets.
const MOST_KEYS: usize = 100;

/// The most dots in a key that is varied.
const DEEPEST_KEY: usize = 16;

/// The most cells of an experiment.
const MOST_CELLS: usize = 100_000;

/// The points of the sweep × the variants.
#[derive(Debug)]
pub struct Points {
    /// The names of the variants, the spec without overrides first.
    pub variants: Vec<String>,
    /// Variants of a point stand next to each other.
    pub cells: Vec<Point>,
}

/// One variant at one point of the sweep.
#[derive(Debug)]
pub struct Point {
    /// What the sweep sets: dotted keys and values, sorted by key.
    pub coordinates: Vec<(String, String)>,
    /// Which variant.
    pub variant: usize,
    /// The document with its overrides in place.
    pub root: Node,
    /// The same, typed.
    pub raw: RawSpec,
    places: Places,
}

/// Where the overrides of a point stand in the file.
#[derive(Debug, Clone)]
struct Places {
    is_first: bool,
    sweep: Vec<Span>,
    /// The name of the variant if it is not the base, and where its overrides stand.
    variant: Option<(String, Vec<Span>)>,
}

impl Point {
    /// The coordinates as one canonical text, the name of the point's random streams. Variants share it.
    #[must_use]
    pub fn key(&self) -> String {
        self.coordinates.iter().map(|(path, value)| format!("{path}={value};")).collect()
    }

    /// What must be said of a problem at `span` so that it can be found: the point and the variant in which it arises,
    /// unless the place itself tells.
    #[must_use]
    pub fn note(&self, span: &Span) -> Option<String> {
        self.places.note(span, &self.coordinates)
    }
}

impl Places {
    fn note(&self, span: &Span, coordinates: &[(String, String)]) -> Option<String> {
        let within = |places: &[Span]| places.iter().any(|place| place.start <= span.start && span.end <= place.end);
        let in_variant = self.variant.as_ref().is_some_and(|(_, places)| within(places));
        let name = self.variant.as_ref().filter(|_| !in_variant).map(|(name, _)| format!("the variant \"{name}\""));
        if self.is_first || in_variant || within(&self.sweep) {
            return name.map(|name| format!("in {name}"));
        }
        let coordinates = coordinates.iter().map(|(path, value)| format!("{path} = {value}"));
        Some(format!("in the cell with {}", coordinates.chain(name).collect::<Vec<_>>().join(", ")))
    }
}

/// All cells of a spec, in the order of the file; the last grid axis runs fastest of the axes, and zipped ones faster.
/// Without all of them if there are problems.
pub fn expand(raw: &RawSpec, root: &Node, schema: &Json, problems: &mut Problems) -> Points {
    let mut found = Problems::default();
    let overrides = variants(raw, root, &mut found);
    let variants = overrides.iter().map(|variant| variant.name.to_owned()).collect();
    let cells = Sweep::new(root, overrides.len(), &mut found).filter(|_| found.is_empty());
    let cells = cells.map_or(Vec::new(), |sweep| sweep.cells(root, &overrides, schema, &mut found));
    problems.absorb_all(found);
    Points { variants, cells }
}

/// An axis: a dotted key and the nodes of its values.
type Axis<'a> = (&'a Entry, &'a [Node]);

struct Sweep<'a> {
    grid: Vec<Axis<'a>>,
    zip: Vec<Axis<'a>>,
    /// The length of the zipped axes; 1 if there are none.
    zipped: usize,
    n_points: usize,
}

impl<'a> Sweep<'a> {
    fn new(root: &'a Node, n_variants: usize, problems: &mut Problems) -> Option<Self> {
        let section = root.entry("sweep").map(|entry| &entry.node);
        let mut axes = |kind| section.map_or(Vec::new(), |section| axes(root, section, kind, problems));
        let (grid, zip) = (axes("grid"), axes("zip"));
        check_number(grid.iter().chain(&zip).map(|(entry, _)| *entry), problems);
        check_overlap(grid.iter().chain(&zip).map(|(entry, _)| *entry), problems);
        let zipped = zip_length(&zip, problems);
        let lengths = grid.iter().map(|(_, values)| values.len()).chain([zipped]);
        let n_points = lengths.into_iter().try_fold(1_usize, usize::checked_mul);
        let total = n_points.and_then(|n_points| n_points.checked_mul(n_variants));
        if total.is_none_or(|total| total > MOST_CELLS) {
            let given = total.map_or("more than 10¹⁹".to_owned(), |total| total.to_string());
            let span = section.map_or(0..0, Node::beginning);
            let message = format!("the sweep and its variants make {given} cells: at most {MOST_CELLS} are run");
            problems.add(&span, message, None);
        }
        if problems.is_empty() {
            check_repetition(&grid, &zip, problems);
        }
        Some(Sweep { grid, zip, zipped, n_points: n_points? })
    }

    fn cells(&self, root: &Node, variants: &[Overrides<'_>], schema: &Json, problems: &mut Problems) -> Vec<Point> {
        let mut cells = Vec::new();
        for index in 0..self.n_points {
            let values = self.values(index);
            let mut point = root.clone();
            for (entry, value) in &values {
                point.set(&entry.key, &entry.key_span, value);
            }
            let sweep = values.iter().flat_map(|(entry, value)| [entry.key_span.clone(), value.span.clone()]).collect();
            let mut coordinates: Vec<(String, String)> =
                values.iter().map(|(entry, value)| (entry.key.clone(), canonical(&value.value))).collect();
            coordinates.sort();
            let mut places = Places { is_first: index == 0, sweep, variant: None };
            for (variant, overrides) in variants.iter().enumerate() {
                let mut root = point.clone();
                for entry in overrides.entries {
                    root.set(&entry.key, &entry.key_span, &entry.node);
                }
                if variant > 0 {
                    let spans = overrides.entries.iter().flat_map(|e| [e.key_span.clone(), e.node.span.clone()]);
                    places.variant = Some((overrides.name.to_owned(), spans.collect()));
                }
                let mut found = Problems::default();
                check_spliced_shape(schema, &root, &mut found);
                if found.is_empty() {
                    match RawSpec::deserialize(root.to_toml()) {
                        Ok(raw) => {
                            let (coordinates, places) = (coordinates.clone(), places.clone());
                            cells.push(Point { coordinates, variant, root, raw, places });
                        }
                        Err(error) => found.add(&root.beginning(), error.message().to_owned(), None),
                    }
                }
                problems.absorb(found, |span| places.note(span, &coordinates));
                if problems.is_plenty() {
                    return cells;
                }
            }
        }
        cells
    }

    /// What a point sets: each axis and its value there.
    fn values(&self, index: usize) -> Vec<(&'a Entry, &'a Node)> {
        let (mut left, at_zip) = (index / self.zipped, index % self.zipped);
        let mut values: Vec<_> = self.zip.iter().map(|(entry, values)| (*entry, &values[at_zip])).collect();
        for (entry, axis) in self.grid.iter().rev() {
            values.push((entry, &axis[left % axis.len()]));
            left /= axis.len();
        }
        values
    }
}

/// A value as canonical text: numbers by value, not by spelling, and keys in order.
fn canonical(value: &Value) -> String {
    match value {
        Value::Scalar(toml::Value::Float(number)) if number.fract() == 0.0 && number.abs() < 1e15 => {
            format!("{:.0}", number + 0.0)
        }
        Value::Scalar(scalar) => scalar.to_string(),
        Value::Array(items) => {
            format!("[{}]", items.iter().map(|item| canonical(&item.value)).collect::<Vec<_>>().join(", "))
        }
        Value::Table(entries) => {
            let mut parts: Vec<String> =
                entries.iter().map(|entry| format!("{} = {}", entry.key, canonical(&entry.node.value))).collect();
            parts.sort();
            format!("{{ {} }}", parts.join(", "))
        }
    }
}

fn axes<'a>(root: &Node, sweep: &'a Node, kind: &str, problems: &mut Problems) -> Vec<Axis<'a>> {
    let Some(Entry { node: Node { value: Value::Table(entries), .. }, .. }) = sweep.entry(kind) else {
        return Vec::new();
    };
    let mut axes = Vec::new();
    for entry in entries {
        check_path(root, entry, problems);
        match &entry.node.value {
            Value::Array(values) if !values.is_empty() => axes.push((entry, values.as_slice())),
            _ => problems.add(
                &entry.node.span,
                format!("the axis `{}` has no values: it needs at least one", quote(&entry.key)),
                None,
            ),
        }
    }
    axes
}

/// The common length of the zipped axes; 1 if there are none.
fn zip_length(zip: &[Axis<'_>], problems: &mut Problems) -> usize {
    let Some((first, values)) = zip.first() else { return 1 };
    for (entry, others) in &zip[1..] {
        if others.len() != values.len() {
            let message = format!(
                "zipped axes must be equally long: `{}` has {}, but `{}` has {}",
                quote(&entry.key),
                others.len(),
                quote(&first.key),
                values.len()
            );
            problems.add(&entry.key_span, message, Some("[sweep.grid] combines axes of any lengths".to_owned()));
        }
    }
    values.len()
}

/// A point that stands twice in the sweep would be simulated with the same random numbers.
fn check_repetition(grid: &[Axis<'_>], zip: &[Axis<'_>], problems: &mut Problems) {
    let zipped = zip.iter().map(|(_, values)| values.len()).min().unwrap_or(0);
    let together = |axes: &[Axis<'_>], n: usize| -> Vec<String> {
        axes.iter().map(|(_, values)| canonical(&values[n].value)).collect()
    };
    let axes = grid.iter().map(|axis| (std::slice::from_ref(axis), axis.1.len()));
    for (axes, length) in axes.chain([(zip, zipped)]) {
        let mut seen = BTreeSet::new();
        for n in 0..length {
            if !seen.insert(together(axes, n)) {
                let message = "the sweep visits this point twice, which would give the same random numbers twice";
                problems.add(&axes[0].1[n].span, message, Some("raise the replicates to see more".to_owned()));
            }
        }
    }
}

/// Each cell sets all of its keys, so their number must stay small.
fn check_number<'a>(mut entries: impl Iterator<Item = &'a Entry>, problems: &mut Problems) {
    if let Some(entry) = entries.nth(MOST_KEYS) {
        problems.add(&entry.key_span, format!("more than {MOST_KEYS} keys are varied at once"), None);
    }
}

/// Overrides of one cell must not depend on their order.
fn check_overlap<'a>(entries: impl Iterator<Item = &'a Entry> + Clone, problems: &mut Problems) {
    let keys: BTreeSet<&str> = entries.clone().map(|entry| entry.key.as_str()).collect();
    let mut seen = BTreeSet::new();
    for entry in entries {
        if !seen.insert(&entry.key) {
            problems.add(&entry.key_span, format!("`{}` is swept twice", quote(&entry.key)), None);
        }
        for (dot, _) in entry.key.match_indices('.').take(DEEPEST_KEY) {
            if keys.contains(&entry.key[..dot]) {
                let message = format!("`{}` is set already by `{}`", quote(&entry.key), quote(&entry.key[..dot]));
                problems.add(&entry.key_span, message, Some("keep one of the two".to_owned()));
            }
        }
    }
}

struct Overrides<'a> {
    name: &'a str,
    entries: &'a [Entry],
}

fn variants<'a>(raw: &'a RawSpec, root: &'a Node, problems: &mut Problems) -> Vec<Overrides<'a>> {
    let mut variants = vec![Overrides { name: base(raw, root, problems), entries: &[] }];
    if raw.variants.is_empty() {
        return variants;
    }
    let Value::Table(entries) = &root.locate("variants").value else { return variants };
    for entry in entries {
        if !is_name(&entry.key) || entry.key == BASE {
            let message = format!("\"{}\" cannot name a variant", quote(&entry.key));
            let help = format!("use at most 64 characters a-z, 0-9, - and _; \"{BASE}\" is the spec without overrides");
            problems.add(&entry.key_span, message, Some(help));
        }
        if let Value::Table(overrides) = &entry.node.value {
            for entry in overrides {
                check_path(root, entry, problems);
            }
            check_number(overrides.iter(), problems);
            check_overlap(overrides.iter(), problems);
            if overrides.is_empty() {
                let message = format!("the variant \"{}\" overrides nothing: it is the base", quote(&entry.key));
                problems.add(&entry.key_span, message, None);
            }
            variants.push(Overrides { name: &entry.key, entries: overrides });
        }
    }
    variants
}

/// What the spec without overrides is called.
fn base<'a>(raw: &'a RawSpec, root: &Node, problems: &mut Problems) -> &'a str {
    let Some(name) = &raw.base else { return BASE };
    let span = &root.locate("base").span;
    if raw.variants.is_empty() {
        let message = "there are no variants beside which the spec would need a name".to_owned();
        problems.add(span, message, Some("remove `base`".to_owned()));
    } else if !is_name(name) {
        let help = "use at most 64 characters a-z, 0-9, - and _".to_owned();
        problems.add(span, format!("\"{}\" cannot name a variant", quote(name)), Some(help));
    } else if raw.variants.contains_key(name) {
        problems.add(span, format!("a variant named \"{}\" exists already", quote(name)), None);
    }
    name
}

/// A key must lead into the sections that may vary, or replace one of them by another kind.
fn check_path(root: &Node, entry: &Entry, problems: &mut Problems) {
    let (head, rest) = entry.key.split_once('.').unwrap_or((&entry.key, ""));
    let key = quote(&entry.key);
    if SWEPT.contains(&key.as_ref()) && replaces_kind(root, entry) {
        return;
    }
    if let Some((message, help)) = entry.unquoted() {
        problems.add(&entry.key_span, message, Some(help));
    } else if !SWEPT.contains(&head) {
        let message = format!("`{key}` cannot be varied: only keys of problem, sampling and process can");
        let help = nearest_of(head, SWEPT).map(|head| format!("did you mean `{head}.{}`?", quote(rest)));
        problems.add(&entry.key_span, message, help);
    } else if entry.key.matches('.').count() > DEEPEST_KEY {
        problems.add(&entry.key_span, format!("`{key}` has more parts than any key of the language"), None);
    } else if rest.is_empty() {
        let message = format!("`{key}` is a whole section: one key of it can be varied");
        let help = format!(
            "write the whole dotted key in quotes, as in \"process.sgd.step_size.constant\", or tables of another kind, \
             as in {key} = {{ … }}"
        );
        problems.add(&entry.key_span, message, Some(help));
    }
}

/// Whether an entry gives a section as tables of one kind each: in a sweep any, in a variant another than the spec's.
fn replaces_kind(root: &Node, entry: &Entry) -> bool {
    let kind_of = |node: &Node| match &node.value {
        Value::Table(entries) if entries.len() == 1 => Some(entries[0].key.clone()),
        _ => None,
    };
    match &entry.node.value {
        Value::Array(items) => !items.is_empty() && items.iter().all(|item| kind_of(item).is_some()),
        Value::Table(_) => kind_of(&entry.node).is_some_and(|kind| kind_of(root.locate(&entry.key)) != Some(kind)),
        Value::Scalar(_) => false,
    }
}
