//! White Gaussian noise of any variance: the model that noise with a memory is compared with.

use sampling::normal::fill_normals;
use sampling::{Design, Stream};

/// Noise ξ ~ N(0, σ²G), independent from step to step; σ² need not be 1/b.
#[derive(Debug, Clone, Copy)]
pub(super) struct White {
    pub(super) variance_factor: f64,
}

impl Design for White {
    fn draw(&self, stream: &mut Stream, whitened: &mut [f64], _width: usize) {
        fill_normals(stream, whitened);
    }

    fn variance_factor(&self) -> f64 {
        self.variance_factor
    }
}
