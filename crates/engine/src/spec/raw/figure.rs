//! `[[figure]]`: what is drawn.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::RawAt;

/// What to draw.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawFigure {
    /// The name of the file, without its ending.
    pub name: String,
    /// A line above the figure.
    pub title: String,
    /// The kind of figure, and what it shows.
    pub draw: RawDraw,
}

/// Kinds of figures.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawDraw {
    /// A measure along the path, a colour for each cell: dots with bars of ±2 standard errors over the exact law, the leading
    /// order dashed and the limit dotted where they differ from it. Without a law a band around the dots.
    Curves(RawCurves),
    /// A measure at the last recorded step against a quantity of the sweep: dots with bars over the law, a colour for each
    /// variant and each value of a swept key that the quantity does not depend on.
    Sweep(RawSweepFigure),
    /// A measure against its law, all components of all cells, a colour for each variant, and the diagonal.
    Scatter(RawScatter),
    /// The ellipse that holds 95 % of a normal law with the measured second moment at the last recorded step, and the one
    /// of the law dashed, a colour for each cell.
    Ellipses(RawEllipses),
    /// A measure against another one, or against the curvature along its directions: all components at the last recorded
    /// step, a colour for each cell. Where the axes are logarithmic the legend states the slope of the dots.
    Relation(RawRelation),
    /// A measure, or how it agrees with its law, over two of steps, components and quantities of the sweep: a colour for
    /// each place.
    HeatMap(RawHeatMap),
    /// A measure under each variant over that under another one, along the components at the last recorded step: dots with
    /// bars over the ratio of the exact laws, that of the limits dotted where it differs, a colour for each cell.
    Ratio(RawRatioFigure),
    /// The claims side by side: the worst statistic of each with its interval, by its place in its band.
    Forest(RawForest),
}

/// A measure against another one.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawRelation {
    /// The measure of the vertical axis.
    pub measure: String,
    /// The measure of the horizontal axis, with equally many components. Default the curvature uᵀHu along the directions
    /// of a directional measure.
    pub over: Option<String>,
    /// The label of the horizontal axis.
    pub x_label: String,
    /// The label of the vertical axis.
    pub y_label: String,
    /// Whether the axes are logarithmic. Default true.
    pub log: Option<bool>,
    /// Which cells: those where this expression over the cell's scalars is above 0. Default all.
    #[serde(rename = "where")]
    pub only_where: Option<String>,
}

/// A measure along the path.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawCurves {
    /// Which measure.
    pub measure: String,
    /// Which of its components, from 1. Default 1.
    pub component: Option<usize>,
    /// Other measures to draw beside it, each by its first component.
    pub others: Option<Vec<String>>,
    /// The horizontal axis.
    pub x: RawAxis,
    /// The label of the horizontal axis. Default "step k" or "time t".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub x_label: Option<String>,
    /// Whether the horizontal axis is logarithmic. Default true.
    pub log_x: Option<bool>,
    /// Whether the limit is drawn where it differs from the exact law. Default true.
    pub limit: Option<bool>,
    /// Whether the leading order is drawn where it differs from the exact law. Default true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leading_order: Option<bool>,
    /// The label of the vertical axis.
    pub y_label: String,
    /// Whether the vertical axis is logarithmic. Default true.
    pub log_y: Option<bool>,
    /// From which step on the legend states the slope of the dots, with its 95 % interval; both axes must be logarithmic.
    /// Default no slope.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fit_from: Option<u64>,
    /// A horizontal black line: an expression over the scalars of the first cell, and its label.
    pub reference: Option<RawReference>,
    /// Which cells: those where this expression over the cell's scalars is above 0. Default all.
    #[serde(rename = "where")]
    pub only_where: Option<String>,
}

/// The horizontal axis of curves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawAxis {
    /// k.
    Step,
    /// t = Σ η_k.
    Time,
}

/// A horizontal line.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawReference {
    /// An expression over the scalars of the first cell.
    pub value: String,
    /// Its name in the legend.
    pub label: String,
}

/// A measure at the last recorded step over the sweep.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawSweepFigure {
    /// Which measure.
    pub measure: String,
    /// Which of its components, from 1. Default 1.
    pub component: Option<usize>,
    /// The horizontal axis: an expression over the cell's scalars.
    pub over: String,
    /// The label of the vertical axis.
    pub y_label: String,
    /// The label of the horizontal axis. Default the expression.
    pub x_label: Option<String>,
    /// Whether the horizontal axis is logarithmic. Default true.
    pub log_x: Option<bool>,
    /// Whether the vertical axis is logarithmic. Default true.
    pub log_y: Option<bool>,
    /// Whether the leading order is drawn where it differs from the exact law. Default true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leading_order: Option<bool>,
    /// Whether the legend states the slope of the dots with its 95 % interval, where there are more than two; both axes
    /// must be logarithmic. Default false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fit: Option<bool>,
    /// A horizontal black line: an expression over the scalars of the first cell, and its label.
    pub reference: Option<RawReference>,
    /// Which cells: those where this expression over the cell's scalars is above 0. Default all.
    #[serde(rename = "where")]
    pub only_where: Option<String>,
}

/// A measure against its law.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawScatter {
    /// Which measure.
    pub measure: String,
    /// Whether the axes are logarithmic; what is not positive is then left out. Default false.
    pub log: Option<bool>,
    /// At which recorded steps. Default last_record.
    pub at: Option<RawAt>,
    /// Which cells: those where this expression over the cell's scalars is above 0. Default all.
    #[serde(rename = "where")]
    pub only_where: Option<String>,
}

/// A measure under each variant over that under another one.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawRatioFigure {
    /// Which measure.
    pub measure: String,
    /// The variant that the others are divided by.
    pub over: String,
    /// The label of the horizontal axis: what the components are.
    pub x_label: String,
    /// The label of the vertical axis.
    pub y_label: String,
    /// Whether the vertical axis is logarithmic. Default true.
    pub log_y: Option<bool>,
    /// A horizontal black line: an expression over the scalars of the first cell, and its label.
    pub reference: Option<RawReference>,
    /// Which cells: those where this expression over the cell's scalars is above 0. Default all.
    #[serde(rename = "where")]
    pub only_where: Option<String>,
}

/// A second moment in two directions.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawEllipses {
    /// Which measure: a second_moment with top = 2.
    pub measure: String,
    /// Which cells: those where this expression over the cell's scalars is above 0. Default all.
    #[serde(rename = "where")]
    pub only_where: Option<String>,
}

/// A measure over two axes.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawHeatMap {
    /// Which measure.
    pub measure: String,
    /// The horizontal axis: "step", "component", or an expression over the cell's scalars.
    pub x: String,
    /// The vertical axis: "step", "component", or an expression over the cell's scalars.
    pub y: String,
    /// What the colours stand for. Default agreement.
    pub shows: Option<RawShade>,
    /// Which component, from 1, where no axis has them. Default 1.
    pub component: Option<usize>,
    /// Which variant. Default all, which an axis must then tell apart.
    pub variant: Option<String>,
    /// The label of the horizontal axis. Default what it is.
    pub x_label: Option<String>,
    /// The label of the vertical axis. Default what it is.
    pub y_label: Option<String>,
    /// Which cells: those where this expression over the cell's scalars is above 0. Default all.
    #[serde(rename = "where")]
    pub only_where: Option<String>,
}

/// What the colours of a heat map stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawShade {
    /// The measured value divided by its law; of what may be 0, such as a product of two coordinates, 1 + (measured −
    /// law)/unit.
    Agreement,
    /// The measured value.
    Measured,
}

/// The claims side by side.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawForest {
    /// Which claims. Default all.
    pub claims: Option<Vec<String>>,
}
