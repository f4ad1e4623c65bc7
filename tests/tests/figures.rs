//! Figures of each kind from one small experiment: well-formed, complete, and the same bytes each time.

mod common;

use common::{edited, parse, simulate_all};
use engine::predict::{Prediction, predict};
use engine::report::figure::draw;
use engine::report::label::labels;
use engine::verdict::judge;
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

/// The shapes of a figure: how many dots, bands, and solid, dashed and dotted lines (bars are lines), its coloured
/// rectangles, and its texts. Each series has a dot in the legend as well.
#[derive(Debug, Default)]
struct Shapes {
    dots: usize,
    bands: usize,
    solid: usize,
    dashed: usize,
    dotted: usize,
    places: Vec<String>,
    texts: Vec<String>,
}

impl Shapes {
    fn has(&self, text: &str) -> bool {
        self.texts.iter().any(|known| known == text)
    }
}

/// The figure that a line of the small experiment draws, with its laws or without; the same bytes when drawn again.
fn svg(draws: &str, has_laws: bool) -> Option<String> {
    drawn_of(&edited(SPEC, &[("DRAW", draws)]), has_laws)
}

/// The figure of a spec.
fn drawn_of(text: &str, has_laws: bool) -> Option<String> {
    let spec = parse("figures", text);
    let (data, mut predictions) = (simulate_all(&spec), predict(&spec).expect("laws"));
    let judgement = judge(&spec, &data, &predictions);
    for Prediction { exact, limit, leading_order } in predictions.iter_mut().filter(|_| !has_laws) {
        exact.fill(None);
        limit.fill(None);
        leading_order.fill(None);
    }
    let drawn = || draw(&spec, &spec.figures[0], &data, &predictions, &judgement);
    assert_eq!(drawn(), drawn());
    drawn().map(|drawn| {
        // What a report says of the figure stands in the figure; a long line there is broken.
        let seen = shapes(&drawn.svg).texts.concat().replace(' ', "");
        assert!(seen.contains(&drawn.key.replace(' ', "")), "{} in {seen}", drawn.key);
        drawn.svg
    })
}

/// The shapes of a figure that must be well-formed XML.
fn shapes(svg: &str) -> Shapes {
    let (mut reader, mut shapes, mut in_text) = (Reader::from_str(svg), Shapes::default(), false);
    reader.config_mut().check_end_names = true;
    loop {
        match reader.read_event().expect("well-formed") {
            Event::Start(tag) | Event::Empty(tag) => {
                in_text = tag.name().as_ref() == b"text";
                let of = |key: &str| {
                    let value = tag.try_get_attribute(key).expect("well-formed");
                    value.map(|value| String::from_utf8_lossy(&value.value).into_owned())
                };
                let (fill, stroke, dashes) = (of("fill"), of("stroke"), of("stroke-dasharray"));
                let is_coloured = fill.as_deref().is_some_and(|fill| fill.starts_with('#') && fill != "#ffffff");
                match (tag.name().as_ref(), dashes.as_deref()) {
                    (b"circle", _) => shapes.dots += 1,
                    (b"rect", _) if is_coloured && of("width") == of("height") => shapes.dots += 1,
                    (b"rect", _) if is_coloured => shapes.places.extend(fill),
                    (b"path", _) if is_coloured && stroke.as_deref().is_some_and(|stroke| stroke != "none") => {
                        shapes.dots += 1
                    }
                    (b"path", _) if is_coloured => shapes.bands += 1,
                    (b"path", None) => shapes.solid += 1,
                    (b"path", Some("8 4")) => shapes.dashed += 1,
                    (b"path", Some("2 3")) => shapes.dotted += 1,
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

/// The sweep of the small experiment.
const GRID: &str =
    "[sweep.grid]\n\"process.sgd.step_size.constant\" = [0.1, 0.05]\n\"sampling.gaussian.batch_size\" = [1, 4, 16]\n";

/// On these axes the record at step 0 is left out.
const CURVES: &str = "draw.curves = { measure = \"risk\", x = \"step\", y_label = \"R\" }";

#[test]
fn curves_have_a_series_for_each_cell() {
    let all = drawn(CURVES);
    // Twelve cells at three of four steps, and in the legend.
    assert_eq!(all.dots, 12 * 3 + 12);
    // A line and three bars a cell, and a leading order and a limit that differ.
    assert_eq!((all.solid, all.dashed, all.dotted), (12 * (1 + 3), 12, 12));
    let key = "dots: measured, ±2 s.e.; solid: exact law; dashed: leading order; dotted: limit";
    assert!(all.has(key), "{:?}", all.texts);
    assert!(all.has("η = 0.05, b = 16, isotropic") && all.has("step k"), "{:?}", all.texts);
    let some = "x = \"time\", y_label = \"R\", where = \"b - 4\", reference = { value = \"d\", label = \"d\" }, \
                leading_order = false";
    let some = drawn(&edited(CURVES, &[("x = \"step\", y_label = \"R\"", some)]));
    assert_eq!((some.dots, some.solid, some.dashed, some.dotted), (4 * 3 + 4, 4 * (1 + 3) + 1, 0, 4));
    // All cells that are shown have b = 16.
    assert!(some.has("d") && some.has("time t") && some.has("η = 0.1, base"), "{:?}", some.texts);
}

#[test]
fn curves_without_a_law_have_bands() {
    let shapes = shapes(&svg(CURVES, false).expect("dots"));
    assert_eq!((shapes.dots, shapes.solid, shapes.bands), (12 * 3 + 12, 12, 12));
    assert!(shapes.has("dots and lines: measured; bands: ±2 s.e."), "{:?}", shapes.texts);
}

#[test]
fn the_slope_of_late_steps_is_stated() {
    let fitted = "x = \"step\", y_label = \"R\", fit_from = 1, where = \"b - 4\"";
    let fitted = drawn(&edited(CURVES, &[("x = \"step\", y_label = \"R\"", fitted)]));
    // The risk falls to its plateau, and the interval of 1 000 replicates is narrow.
    let slope = |text: &String| text.starts_with("η = 0.1, base: slope −1.2") && text.ends_with(']');
    assert!(fitted.texts.iter().any(slope), "{:?}", fitted.texts);
    assert!(fitted.texts.iter().any(|text| text.contains("slopes from step 1 on")), "{:?}", fitted.texts);
}

#[test]
fn a_sweep_has_a_series_for_each_value_that_its_abscissa_does_not_depend_on() {
    let over_b =
        drawn("draw.sweep = { measure = \"risk\", over = \"b\", y_label = \"R\", leading_order = false, fit = true }");
    assert_eq!((over_b.dots, over_b.solid, over_b.dashed), (4 * 3 + 4, 4 * (1 + 3), 0));
    let slope = |text: &String| text.starts_with("η = 0.1, isotropic: slope −0.") && text.contains('[');
    assert!(over_b.texts.iter().any(slope), "{:?}", over_b.texts);
    let by_both =
        "draw.sweep = { measure = \"risk\", over = \"eta / b\", y_label = \"R\", x_label = \"τ\", log_x = false }";
    let by_both = drawn(by_both);
    assert_eq!((by_both.dots, by_both.solid), (2 * 6 + 2, 2 * (1 + 6)));
    assert!(by_both.has("base") && by_both.has("τ"), "{:?}", by_both.texts);
}

#[test]
fn a_sweep_over_keys_that_advance_together_joins_what_belongs_together() {
    let variant = "[variants.isotropic]\n\"problem.quadratic.noise_shape\" = \"trace_matched_isotropic\"\n";
    let zip = |keys: &str| {
        let draws = "draw.sweep = { measure = \"risk\", over = \"eta / sqrt(b)\", y_label = \"R\" }";
        let text = edited(&edited(SPEC, &[("DRAW", draws)]), &[(variant, ""), (GRID, keys)]);
        shapes(&drawn_of(&text, true).expect("dots"))
    };
    // Along η/√b the batch size goes up and down: a series for each.
    let apart = zip("[sweep.zip]\n\"process.sgd.step_size.constant\" = [0.1, 0.2, 0.25, 0.45]\n\
                     \"sampling.gaussian.batch_size\" = [4, 16, 4, 16]\n");
    assert!(apart.has("b = 4") && apart.has("b = 16") && apart.dots == 4 + 2, "{:?}", apart.texts);
    // Here it only rises.
    let joined = zip("[sweep.zip]\n\"process.sgd.step_size.constant\" = [0.1, 0.3, 0.4]\n\
                      \"sampling.gaussian.batch_size\" = [1, 4, 4]\n");
    assert!(joined.has("measured") && joined.dots == 3 + 1, "{:?}", joined.texts);
}

#[test]
fn a_scatter_has_a_dot_for_each_component() {
    let last = drawn("draw.scatter = { measure = \"moments\" }");
    assert_eq!((last.dots, last.solid), (12 * 3 + 2, 12 * 3 + 1));
    let all = drawn("draw.scatter = { measure = \"moments\", at = \"every_record\", where = \"b - 4\" }");
    assert_eq!((all.dots, all.solid), (4 * 4 * 3 + 2, 4 * 4 * 3 + 1));
    assert!(svg("draw.scatter = { measure = \"moments\" }", false).is_none());
}

#[test]
fn ellipses_are_measured_and_predicted() {
    let all = drawn("draw.ellipses = { measure = \"moments\" }");
    assert_eq!((all.dots, all.solid, all.dashed), (0, 12, 12));
    let some = drawn("draw.ellipses = { measure = \"moments\", where = \"b - 4\" }");
    assert_eq!((some.solid, some.dashed), (4, 4));
    assert!(some.has("exact law") && some.has("η = 0.1, base"), "{:?}", some.texts);
    let measured = shapes(&svg("draw.ellipses = { measure = \"moments\" }", false).expect("ellipses"));
    assert_eq!((measured.solid, measured.dashed), (12, 0));
}

#[test]
fn a_relation_has_a_dot_for_each_component_and_a_line_for_each_cell() {
    let axes = "x_label = \"X\", y_label = \"Y\"";
    let to_curvature = drawn(&format!("draw.relation = {{ measure = \"along\", {axes} }}"));
    assert_eq!(to_curvature.dots, 12 * 2 + 12);
    // A fit and two bars a cell.
    assert_eq!((to_curvature.solid, to_curvature.dashed), (12 * (1 + 2), 0));
    assert!(to_curvature.has("X") && to_curvature.has("Y"), "{:?}", to_curvature.texts);
    let interval = |text: &String| text.starts_with("η = 0.1, b = 16, base: slope ") && text.ends_with(']');
    assert!(to_curvature.texts.iter().any(interval), "{:?}", to_curvature.texts);
    let to_itself =
        drawn(&format!("draw.relation = {{ measure = \"twice\", over = \"along\", {axes}, where = \"b - 4\" }}"));
    assert_eq!((to_itself.dots, to_itself.solid), (4 * 2 + 4, 4 * (1 + 2)));
    assert!(to_itself.has("η = 0.1, base: slope 1.000"), "{:?}", to_itself.texts);
    let linear = drawn(&format!("draw.relation = {{ measure = \"twice\", over = \"along\", {axes}, log = false }}"));
    assert_eq!((linear.dots, linear.solid), (12 * 2 + 12, 12 * 2));
    assert!(linear.texts.iter().all(|text| !text.contains("slope")), "{:?}", linear.texts);
}

#[test]
fn curves_are_drawn_beside_each_other() {
    let x = "x = \"step\", log_x = false, where = \"b - 4\"";
    let with_others = format!("{x}, others = [\"twice\"]");
    let [alone, beside] = [x, &with_others].map(|keys| drawn(&edited(CURVES, &[("x = \"step\"", keys)])));
    // Four cells at four steps, on an axis that shows step 0, and twice as many series with the other measure.
    assert_eq!((alone.dots, alone.solid), (4 * 4 + 4, 4 * (1 + 4)));
    assert_eq!((beside.dots, beside.solid), (8 * 4 + 8, 8 * (1 + 4)));
    assert!(beside.has("twice, η = 0.1, base"), "{:?}", beside.texts);
}

#[test]
fn a_heat_map_has_a_colour_for_each_place() {
    let measured =
        "draw.heat_map = { measure = \"risk\", x = \"b\", y = \"eta\", variant = \"base\", shows = \"measured\" }";
    let measured = drawn(measured);
    let bar = 50;
    assert_eq!(measured.places.len(), 6 + bar);
    // The least and the largest value have the end colours of the scale.
    assert!(measured.places[..6].iter().any(|colour| colour == "#fee838"), "{:?}", measured.places);
    assert!(measured.places[..6].iter().any(|colour| colour == "#637496"), "{:?}", measured.places);
    assert!(["b", "eta", "16", "0.05"].iter().all(|text| measured.has(text)), "{:?}", measured.texts);
    let agreement = "draw.heat_map = { measure = \"along\", x = \"component\", y = \"step\", variant = \"isotropic\", \
                     where = \"b - 4 - 1000 * (eta - 0.05)\" }";
    let agreement = drawn(agreement);
    assert_eq!(agreement.places.len(), 2 * 4 + bar);
    assert!(agreement.has("colour: measured / exact law") && agreement.has("step k"), "{:?}", agreement.texts);
    // A law is needed for it.
    let no_law = "draw.heat_map = { measure = \"risk\", x = \"b\", y = \"eta\", variant = \"base\" }";
    assert!(svg(no_law, false).is_none());
}

#[test]
fn a_ratio_has_a_dot_for_each_component_over_the_ratio_of_the_laws() {
    let axes = "x_label = \"direction\", y_label = \"ratio\", reference = { value = \"1\", label = \"equal\" }";
    let draws =
        |over: &str, more: &str| format!("draw.ratio = {{ measure = \"along\", over = \"{over}\", {axes}{more} }}");
    let all = drawn(&draws("isotropic", ""));
    // Six cells of two directions, and the legend; a law and two bars for each cell, and the line of equality.
    assert_eq!((all.dots, all.solid), (6 * 2 + 6, 6 * (1 + 2) + 1), "{:?}", all.texts);
    assert!(all.has("η = 0.1, b = 1") && all.has("equal") && !all.has("isotropic"), "{:?}", all.texts);
    let one = drawn(&draws("base", ", where = \"b - 4 - 1000 * (eta - 0.05)\""));
    assert_eq!((one.dots, one.solid), (2 + 1, 1 + 2 + 1), "{:?}", one.texts);
}

#[test]
fn a_forest_has_an_interval_for_each_claim() {
    let forest = drawn("draw.forest = {}");
    assert_eq!((forest.dots, forest.solid), (1, 1));
    assert!(forest.texts.iter().any(|text| text.starts_with("law: ")), "{:?}", forest.texts);
}

#[test]
fn what_is_black_or_white_changes_on_a_dark_page() {
    let svg = svg(CURVES, true).expect("a figure");
    let (_, style) = svg.split_once("<style>").expect("a style");
    let (style, rest) = style.split_once("</style>").expect("its end");
    assert!(style.starts_with("@media (prefers-color-scheme: dark){"));
    for (attribute, value) in [("fill", "white"), ("fill", "black"), ("stroke", "#000000"), ("stroke", "#d9d9d9")] {
        let pair = format!("{attribute}=\"{value}\"");
        assert!(style.contains(&format!("[{pair}]")) && svg.contains(&pair), "{pair}");
    }
    // No other grey stands on the page.
    let greys =
        rest.split('"').filter(|value| value.len() == 7 && value.starts_with('#') && value[1..3] == value[3..5]);
    let known = ["#000000", "#ffffff", "#d9d9d9", "#666666", "#7f7f7f"];
    assert_eq!(greys.filter(|grey| !known.contains(grey)).count(), 0);
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
    let named = ("[source]", "base = \"given\"\n\n[source]");
    assert_eq!(labels_of(&[(batches, ""), (steps, "[0.1]"), named]), ["given", "isotropic"]);
    assert_eq!(labels_of(&[(batches, ""), (steps, "[0.1]"), (variant, "")]), ["η = 0.1, b = 2"]);
    let spectra = "\"problem.quadratic.curvature.diagonal\" = [[1.0, 4.0], [2.0, 4.0]]";
    assert_eq!(
        labels_of(&[(batches, spectra), (steps, "[0.1]"), (variant, "")]),
        ["diagonal = [1, 4]", "diagonal = [2, 4]"]
    );
}
