//! A forest: intervals one above the other, each with a name, in a band that they share.

use kuva::plot::annotations::ShadedRegion;
use kuva::prelude::*;

use super::super::finish::finished;
use super::{COLOURS, Words, framed};

/// How far beyond the ends of the band, at ±1, the axis goes.
const EDGE: f64 = 1.45;

/// What a row takes of the height, and what stands above and below them.
const ROW: f64 = 26.0;
const AROUND: f64 = 130.0;

/// An interval with its name.
pub(in crate::report::figure) struct Row {
    pub(in crate::report::figure) label: String,
    /// Low end, value and high end, where the ends of the band are −1 and 1; cut off at the edge of the figure.
    pub(in crate::report::figure) at: [f64; 3],
    /// Whether it is marked as lying outside.
    pub(in crate::report::figure) is_outside: bool,
}

/// The SVG of rows, the first on top; `None` without any.
pub(in crate::report::figure) fn rows(rows: &[Row], words: &Words<'_>) -> Option<String> {
    let shown: Vec<(f64, &Row)> = rows.iter().rev().enumerate().map(|(i, row)| (i as f64 + 1.0, row)).collect();
    if shown.is_empty() {
        return None;
    }
    let held = |value: f64| value.clamp(-EDGE, EDGE);
    let colour = |row: &Row| if row.is_outside { COLOURS[5] } else { COLOURS[0] };
    let interval = |(y, row): &(f64, &Row)| -> Plot {
        let line = LinePlot::new().with_data([(held(row.at[0]), *y), (held(row.at[2]), *y)]);
        line.with_color(colour(row)).with_stroke_width(2.0).into()
    };
    let mark = |(y, row): &(f64, &Row)| -> Plot {
        let shape = if row.is_outside { MarkerShape::Cross } else { MarkerShape::Circle };
        ScatterPlot::new()
            .with_data([(held(row.at[1]), *y)])
            .with_color(colour(row))
            .with_marker(shape)
            .with_size(4.5)
            .into()
    };
    let plots: Vec<Plot> = shown.iter().map(interval).chain(shown.iter().map(mark)).collect();
    let labels = shown.iter().map(|(_, row)| row.label.clone()).collect();
    let layout = framed(Layout::auto_from_plots(&plots), words)
        .with_shaded_region(ShadedRegion::vertical(-1.0, 1.0).with_color("#e3edf8").with_opacity(1.0))
        .with_x_axis_min(-1.5)
        .with_x_axis_max(1.5)
        .with_x_tick_step(0.5)
        .with_y_categories(labels)
        .with_y_axis_min(0.4)
        .with_y_axis_max(shown.len() as f64 + 0.6)
        .with_show_grid(false)
        .with_height(AROUND + ROW * shown.len() as f64);
    Some(finished(&render_to_svg(plots, layout)))
}
