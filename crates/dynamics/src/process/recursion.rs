//! The recursion of the first two moments, coordinate pair by coordinate pair in the frame, on packed triangles.
//!
//! ```text
//! m_i  ← a_i m_i
//! C_ij ← a_i C_ij a_j + (w + u_i + u_j) G_ij
//! ```
//!
//! with a = 1 − ηh. White noise has u = 0; noise with a memory adds what it shares with the error in u.

#![expect(non_snake_case, reason = "the papers' matrices keep their names")]

use faer::{Mat, MatRef};

use crate::moments::Moments;

/// The upper triangle of a symmetric d×d matrix, column by column: (i, j), i ≤ j, stands at j(j+1)/2 + i.
#[derive(Debug, Clone)]
pub(super) struct Packed(pub(super) Vec<f64>);

impl Packed {
    pub(super) fn zeros(d: usize) -> Self {
        Packed(vec![0.0; d * (d + 1) / 2])
    }

    pub(super) fn new(M: MatRef<'_, f64>) -> Self {
        Packed((0..M.ncols()).flat_map(|j| (0..=j).map(move |i| M[(i, j)])).collect())
    }

    /// The entry (i, j) for i ≤ j.
    pub(super) fn upper(&self, i: usize, j: usize) -> f64 {
        self.0[j * (j + 1) / 2 + i]
    }

    pub(super) fn unpacked(&self, d: usize) -> Mat<f64> {
        Mat::from_fn(d, d, |i, j| self.upper(i.min(j), i.max(j)))
    }
}

/// The moments of an error on their way through the steps.
#[derive(Debug, Clone)]
pub(super) struct Recursion {
    mean: Vec<f64>,
    covariance: Packed,
    noise: Packed,
}

impl Recursion {
    /// Starts at `moments`; `noise` is G (d×d) in the frame.
    pub(super) fn new(moments: &Moments, noise: MatRef<'_, f64>) -> Self {
        let covariance = Packed::new(moments.covariance.as_ref());
        Recursion { mean: moments.mean.clone(), covariance, noise: Packed::new(noise) }
    }

    /// One step; `a` and `u` have d entries. Cost O(d²/2), no allocation.
    pub(super) fn step(&mut self, a: &[f64], w: f64, u: &[f64]) {
        self.mean.iter_mut().zip(a).for_each(|(m, a)| *m *= a);
        let (mut C, mut G) = (&mut self.covariance.0[..], &self.noise.0[..]);
        for j in 0..a.len() {
            let (column, rest) = C.split_at_mut(j + 1);
            let (noise, noise_rest) = G.split_at(j + 1);
            let (a_j, w_j) = (a[j], w + u[j]);
            for (((c, g), a_i), u_i) in column.iter_mut().zip(noise).zip(a).zip(u) {
                *c = a_i * *c * a_j + (w_j + u_i) * g;
            }
            (C, G) = (rest, noise_rest);
        }
    }

    pub(super) fn mean(&self) -> &[f64] {
        &self.mean
    }

    pub(super) fn covariance(&self) -> &Packed {
        &self.covariance
    }

    pub(super) fn moments(&self) -> Moments {
        Moments { mean: self.mean.clone(), covariance: self.covariance.unpacked(self.mean.len()) }
    }

    /// The moments at each of some ascending `steps`; `advance(k, self)` takes the step from k to k + 1.
    pub(super) fn at_each(mut self, steps: &[u64], mut advance: impl FnMut(u64, &mut Self)) -> Vec<Moments> {
        let mut k = 0;
        let mut laws = Vec::with_capacity(steps.len());
        for &step in steps {
            while k < step {
                advance(k, &mut self);
                k += 1;
            }
            laws.push(self.moments());
        }
        laws
    }
}
