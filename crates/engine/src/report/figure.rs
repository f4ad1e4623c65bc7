//! Figures, drawn by `kuva` as SVG; the only module that knows the plotting crate.

use kuva::plot::legend::LegendPosition;
use kuva::prelude::*;

use crate::predict::Prediction;
use crate::simulate::CellData;
use crate::spec::{Cell, Draw, Figure, Spec};

/// Colours that stay apart for colour-blind readers and on light and dark pages (Okabe and Ito's set, without black).
const COLOURS: [&str; 8] = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#7F7F7F", "#A6761D"];

/// The SVG of a figure; `None` if there is nothing finite to draw, or the plotting crate gives up.
///
/// A figure is an ornament of a run: it must not cost the tables, so a panic of the plotting crate is caught here.
#[must_use]
pub fn draw(spec: &Spec, figure: &Figure, data: &[CellData], predictions: &[Prediction]) -> Option<String> {
    let drawn = std::panic::AssertUnwindSafe(|| curves(spec, figure, data, predictions));
    std::panic::catch_unwind(drawn).ok().flatten()
}

fn curves(spec: &Spec, figure: &Figure, data: &[CellData], predictions: &[Prediction]) -> Option<String> {
    let Draw::Curves { measure, component, over_time, y_label, log_y, reference } = &figure.draw;
    let mut plots: Vec<Plot> = Vec::new();
    for (c, cell) in spec.cells.iter().enumerate() {
        let colour = COLOURS[c % COLOURS.len()];
        let (mut law, mut dots) = (Vec::new(), Vec::new());
        for (n, &step) in cell.recorded.iter().enumerate() {
            let x = if *over_time { cell.times[n] } else { step as f64 };
            let row = spec.row(cell, *measure, *component, n);
            law.extend(predictions[c].exact[row].or(predictions[c].limit[row]).map(|law| (x, law.value)));
            dots.push((x, data[c].sample(spec, cell, *measure, *component, n).mean));
        }
        let visible = |points: Vec<(f64, f64)>| -> Vec<(f64, f64)> {
            points.into_iter().filter(|(x, y)| *x > 0.0 && y.is_finite() && (!log_y || *y > 0.0)).collect()
        };
        let (law, dots) = (visible(law), visible(dots));
        if dots.is_empty() {
            continue;
        }
        plots.push(LinePlot::new().with_data(law).with_color(colour).with_stroke_width(1.5).into());
        let dots = ScatterPlot::new().with_data(dots).with_color(colour).with_size(3.0);
        plots.push(dots.with_legend(label(spec, cell)).into());
    }
    if plots.is_empty() {
        return None;
    }
    let mut layout = Layout::auto_from_plots(&plots)
        .with_title(&figure.title)
        .with_title_wrap(70)
        .with_subtitle("dots: measured; lines: exact law")
        .with_x_label(if *over_time { "time ηk" } else { "step k" })
        .with_y_label(y_label)
        .with_log_x()
        .with_width(900.0)
        .with_height(540.0)
        .with_legend_position(LegendPosition::OutsideRightTop);
    if *log_y {
        layout = layout.with_log_y();
    }
    if let Some((value, label)) = reference {
        let line = ReferenceLine::horizontal(*value)
            .with_color("black")
            .with_stroke_width(1.5)
            .with_dasharray("none")
            .with_label(label);
        layout = layout.with_reference_line(line);
    }
    Some(renumbered(&render_to_svg(plots, layout)))
}

fn label(spec: &Spec, cell: &Cell) -> String {
    let scalar = |name| cell.scalars.get(name).unwrap_or(f64::NAN);
    let parameters = format!("η = {}, b = {}", scalar("eta"), scalar("b"));
    if spec.variants.len() > 1 { format!("{parameters}, {}", spec.variants[cell.variant]) } else { parameters }
}

/// What the plotting crate calls its clip paths: a number follows, counted over the whole process.
const CLIP: &str = "kuva-clip-";

/// The same SVG with its clip paths counted from 0, so that equal figures have equal bytes.
fn renumbered(svg: &str) -> String {
    let mut parts = svg.split(CLIP);
    let mut text = parts.next().unwrap_or_default().to_owned();
    let mut seen: Vec<&str> = Vec::new();
    for part in parts {
        let (number, rest) = part.split_at(part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len()));
        let position = seen.iter().position(|known| *known == number).unwrap_or_else(|| {
            seen.push(number);
            seen.len() - 1
        });
        text += &format!("{CLIP}{position}{rest}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clip_paths_are_counted_from_zero() {
        let svg = "<a id=\"kuva-clip-7\"/><b id=\"kuva-clip-12\"/><c use=\"kuva-clip-7\"/>";
        let counted = "<a id=\"kuva-clip-0\"/><b id=\"kuva-clip-1\"/><c use=\"kuva-clip-0\"/>";
        assert_eq!(renumbered(svg), counted);
        assert_eq!(renumbered("<svg/>"), "<svg/>");
    }
}
