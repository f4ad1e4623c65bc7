//! Figures of each kind from one small experiment: well-formed, complete, and the same bytes each time.

mod common;

use common::{edited, parse, simulate_all};
use engine::predict::{Prediction, predict};
use engine::report::figure::draw;
use engine::report::label::labels;
use quick_xml::Reader;
use quick_xml::events::Event;

/// Two step sizes × three batch sizes × two variants: twelve cells of four recorded steps.
const SPEC: &str = r#"schema = 1
title = "a small experiment"
seed = 1

[source]
paper = "arXiv:2603.02417v4"
statements = ["Proposition 5.13"]

[problem.quadratic]
dimension = 2
curvature.diagonal = [1.0, 4.0]
noise.random_spd = { from = 1.0, to = 6.0, trace = 3.0, seed = 1 }
fisher = "curvature"

[sampling.gaussian]
batch_size = 2

[process.sgd]
step_size.constant = 0.1
start.gaussian = { spread = 0.5 }
horizon.steps = 20
record.steps = [0, 1, 5, 20]

[sweep.grid]
"process.sgd.step_size.constant" = [0.1, 0.05]
"sampling.gaussian.batch_size" = [1, 4, 16]

[variants.isotropic]
"problem.quadratic.noise_shape" = "trace_matched_isotropic"

[replicates]
count = 1000

[[measure]]
name = "risk"
observe.quadratic = "fisher"

[[measure]]
name = "moments"
observe.second_moment = { of = "coordinates", top = 2 }

[[measure]]
name = "along"
observe.directional = { of = "curvature", top = 2 }

[[measure]]
name = "twice"
observe.directional = { of = "curvature", top = 2 }
scale = "2"

[[measure]]
name = "tail"
observe.exceedance = { metric = "fisher", above = "1000000" }

[[claim]]
name = "law"
says = "The risk follows its exact law."
measure = "risk"
against.exact = { resolution = 0.3 }

[[figure]]
name = "figure"
title = "A figure of <b> & \"b\""
DRAW
"#;

/// The shapes of a figure: how many circles, solid and dashed lines (bars are lines), and its texts. Each entry
/// of the legend has a shape as well.
#[derive(Debug, Default)]
struct Shapes {
    circles: usize,
    solid: usize,
    dashed: usize,
    texts: Vec<String>,
}

impl Shapes {
    fn has(&self, text: &str) -> bool {
        self.texts.iter().any(|known| known == text)
    }
}

/// The figure that a line of the small experiment draws, with its laws or without; the same bytes when drawn again.
fn svg(draws: &str, has_laws: bool) -> Option<String> {
    let spec = parse("figures", &edited(SPEC, &[("DRAW", draws)]));
    let (data, mut predictions) = (simulate_all(&spec), predict(&spec).expect("laws"));
    for Prediction { exact, limit, .. } in predictions.iter_mut().filter(|_| !has_laws) {
        exact.fill(None);
        limit.fill(None);
    }
    let drawn = draw(&spec, &spec.figures[0], &data, &predictions);
    assert_eq!(drawn, draw(&spec, &spec.figures[0], &data, &predictions));
    drawn
}

/// The shapes of a figure that must be well-formed XML.
fn shapes(svg: &str) -> Shapes {
    let (mut reader, mut shapes, mut in_text) = (Reader::from_str(svg), Shapes::default(), false);
    reader.config_mut().check_end_names = true;
    loop {
        match reader.read_event().expect("well-formed") {
            Event::Start(tag) | Event::Empty(tag) => {
                in_text = tag.name().as_ref() == b"text";
                let dashed = tag.attributes().any(|a| a.expect("well-formed").key.as_ref() == b"stroke-dasharray");
                match (tag.name().as_ref(), dashed) {
                    (b"circle", _) => shapes.circles += 1,
                    (b"path", false) => shapes.solid += 1,
                    (b"path", true) => shapes.dashed += 1,
                    _ => {}
                }
                if in_text {
                    shapes.texts.push(String::new());
                }
            }
            Event::Text(text) if in_text => {
                shapes.texts.last_mut().expect("a text").push_str(&text.decode().expect("text"));
            }
            Event::End(_) => in_text = false,
            Event::Eof => return shapes,
            _ => {}
        }
    }
}

fn drawn(draws: &str) -> Shapes {
    let svg = svg(draws, true).expect("something to draw");
    assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    shapes(&svg)
}

/// On these axes the record at step 0 is left out.
const CURVES: &str = "draw.curves = { measure = \"risk\", x = \"step\", y_label = \"R\" }";

#[test]
fn curves_have_a_series_for_each_cell() {
    let all = drawn(CURVES);
    // Eight of the twelve cells are circles, at three of four steps, and in the legend; the others are squares.
    assert_eq!(all.circles, 8 * 3 + 8);
    // A line and three bars a cell, and a limit that differs.
    assert_eq!((all.solid, all.dashed), (12 * (1 + 3), 12));
    assert!(all.has("dots: measured, ±2 s.e.; lines: exact law; dashed: limit"), "{:?}", all.texts);
    assert!(all.has("η = 0.05, b = 16, isotropic") && all.has("step k"), "{:?}", all.texts);
    let some = "x = \"time\", y_label = \"R\", where = \"b - 4\", reference = { value = \"d\", label = \"d\" }";
    let some = drawn(&edited(CURVES, &[("x = \"step\", y_label = \"R\"", some)]));
    assert_eq!((some.circles, some.solid, some.dashed), (4 * 3 + 4, 4 * (1 + 3) + 1, 4));
    assert!(some.has("d") && some.has("time t"), "{:?}", some.texts);
}

#[test]
fn curves_without_a_law_are_dots() {
    let shapes = shapes(&svg(CURVES, false).expect("dots"));
    assert_eq!((shapes.circles, shapes.solid, shapes.dashed), (8 * 3 + 8, 12 * 3, 0));
    assert!(shapes.has("dots: measured, ±2 s.e."), "{:?}", shapes.texts);
}

#[test]
fn a_sweep_has_a_series_for_each_value_that_its_abscissa_does_not_depend_on() {
    let over_b = drawn("draw.sweep = { measure = \"risk\", over = \"b\", y_label = \"R\" }");
    assert_eq!((over_b.circles, over_b.solid, over_b.dashed), (4 * 3 + 4, 4 * (1 + 3), 0));
    assert!(over_b.texts.iter().any(|text| text.starts_with("η = 0.1, isotropic: slope −0.")), "{:?}", over_b.texts);
    let by_both =
        "draw.sweep = { measure = \"risk\", over = \"eta / b\", y_label = \"R\", x_label = \"τ\", log_x = false }";
    let by_both = drawn(by_both);
    assert_eq!((by_both.circles, by_both.solid), (2 * 6 + 2, 2 * (1 + 6)));
    assert!(by_both.has("base") && by_both.has("τ"), "{:?}", by_both.texts);
}

#[test]
fn a_scatter_has_a_dot_for_each_component() {
    let last = drawn("draw.scatter = { measure = \"moments\" }");
    assert_eq!((last.circles, last.solid), (12 * 3 + 2, 12 * 3 + 1));
    let all = drawn("draw.scatter = { measure = \"moments\", at = \"every_record\", where = \"b - 4\" }");
    assert_eq!((all.circles, all.solid), (4 * 4 * 3 + 2, 4 * 4 * 3 + 1));
    assert!(svg("draw.scatter = { measure = \"moments\" }", false).is_none());
}

#[test]
fn ellipses_are_measured_and_predicted() {
    let all = drawn("draw.ellipses = { measure = \"moments\" }");
    assert_eq!((all.circles, all.solid, all.dashed), (0, 12, 12));
    let some = drawn("draw.ellipses = { measure = \"moments\", where = \"b - 4\" }");
    assert_eq!((some.solid, some.dashed), (4, 4));
    assert!(some.has("exact law") && some.has("η = 0.1, b = 16, base"), "{:?}", some.texts);
    let measured = shapes(&svg("draw.ellipses = { measure = \"moments\" }", false).expect("ellipses"));
    assert_eq!((measured.solid, measured.dashed), (12, 0));
}

#[test]
fn a_relation_has_a_dot_for_each_component_and_a_line_for_each_cell() {
    let axes = "x_label = \"X\", y_label = \"Y\"";
    let to_curvature = drawn(&format!("draw.relation = {{ measure = \"along\", {axes} }}"));
    // Eight of the twelve cells are circles, with two components and an entry of the legend.
    assert_eq!(to_curvature.circles, 8 * 2 + 8);
    // A fit and two bars a cell.
    assert_eq!((to_curvature.solid, to_curvature.dashed), (12 * (1 + 2), 0));
    assert!(to_curvature.has("X") && to_curvature.has("Y"), "{:?}", to_curvature.texts);
    let to_itself =
        drawn(&format!("draw.relation = {{ measure = \"twice\", over = \"along\", {axes}, where = \"b - 4\" }}"));
    assert_eq!((to_itself.circles, to_itself.solid), (4 * 2 + 4, 4 * (1 + 2)));
    assert!(to_itself.has("η = 0.1, b = 16, base: slope 1.000"), "{:?}", to_itself.texts);
    let linear = drawn(&format!("draw.relation = {{ measure = \"twice\", over = \"along\", {axes}, log = false }}"));
    assert_eq!((linear.circles, linear.solid), (8 * 2 + 8, 12 * 2));
    assert!(linear.texts.iter().all(|text| !text.contains("slope")), "{:?}", linear.texts);
}

#[test]
fn curves_are_drawn_beside_each_other() {
    let x = "x = \"step\", log_x = false, where = \"b - 4\"";
    let with_others = format!("{x}, others = [\"twice\"]");
    let [alone, beside] = [x, &with_others].map(|keys| drawn(&edited(CURVES, &[("x = \"step\"", keys)])));
    // Four cells at four steps, on an axis that shows step 0, and twice as many series with the other measure.
    assert_eq!((alone.circles, alone.solid), (4 * 4 + 4, 4 * (1 + 4)));
    assert_eq!((beside.circles, beside.solid), (8 * 4 + 8, 8 * (1 + 4)));
    assert!(beside.has("twice, η = 0.1, b = 16, base"), "{:?}", beside.texts);
}

#[test]
fn nothing_positive_is_nothing_to_draw() {
    assert!(svg("draw.curves = { measure = \"tail\", x = \"step\", y_label = \"p\" }", true).is_none());
    assert!(svg("draw.sweep = { measure = \"tail\", over = \"b\", y_label = \"p\" }", true).is_none());
}

#[test]
fn cells_are_called_by_what_the_sweep_sets() {
    let labels_of =
        |edits: &[(&str, &str)]| labels(&parse("figures", &edited(&edited(SPEC, &[("DRAW", CURVES)]), edits)));
    let (batches, steps) = ("\"sampling.gaussian.batch_size\" = [1, 4, 16]", "[0.1, 0.05]");
    let variant = "[variants.isotropic]\n\"problem.quadratic.noise_shape\" = \"trace_matched_isotropic\"\n";
    assert_eq!(labels_of(&[])[1], "η = 0.1, b = 1, isotropic");
    assert_eq!(labels_of(&[(batches, ""), (variant, "")]), ["η = 0.1", "η = 0.05"]);
    assert_eq!(labels_of(&[(batches, ""), (steps, "[0.1]")]), ["base", "isotropic"]);
    assert_eq!(labels_of(&[(batches, ""), (steps, "[0.1]"), (variant, "")]), ["η = 0.1, b = 2"]);
    let spectra = "\"problem.quadratic.curvature.diagonal\" = [[1.0, 4.0], [2.0, 4.0]]";
    assert_eq!(
        labels_of(&[(batches, spectra), (steps, "[0.1]"), (variant, "")]),
        ["diagonal = [1, 4]", "diagonal = [2, 4]"]
    );
}
