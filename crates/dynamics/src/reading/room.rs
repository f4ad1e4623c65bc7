//! How much memory readings take, so that too much can be refused before anything is drawn.

use crate::reading::Reading;

/// The d×d matrices that a layer of d weights is read through at a time: moments, eigenvectors, products.
const MATRICES: f64 = 10.0;

/// How many numbers of 8 bytes are held at a time.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Room {
    /// By a family.
    pub family: f64,
    /// By each of its models, while it is trained and read.
    pub model: f64,
}

/// What `readings` of n samples take in a layer of o×i weights.
pub(crate) fn of_layer(readings: &[Reading], n: usize, outputs: usize, inputs: usize) -> f64 {
    if !readings.iter().any(Reading::is_of_layer) {
        return 0.0;
    }
    let (n, o, i) = (n as f64, outputs as f64, inputs as f64);
    n * (o + i + 0.5 * o * (o + 1.0)) + MATRICES * (o * i) * (o * i)
}

/// What `readings` of n samples take of the gradients of the outputs (n×p), and of their products (n×n).
pub(crate) fn of_outputs(readings: &[Reading], n: usize, parameters: usize) -> f64 {
    if !readings.iter().any(Reading::is_of_outputs) {
        return 0.0;
    }
    let (n, p) = (n as f64, parameters as f64);
    n * p + 3.0 * n * n
}
