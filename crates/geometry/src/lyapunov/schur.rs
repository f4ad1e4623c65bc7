//! The complex Schur form A = UTUᴴ of a real matrix, by Householder reflections and the single-shift QR iteration.
//!
//! faer 0.24 keeps its own Schur form private and only hands out eigenvectors, which a defective matrix lacks. These are
//! plain loops in fixed order.

#![allow(non_snake_case, reason = "matrices keep the names they have in the papers")]

use faer::{Mat, MatRef, c64};

use super::magnitude;
use crate::GeometryError;
use crate::dense::frobenius_norm;
use crate::householder::hessenberg;

/// Steps allowed for one eigenvalue; two or three are usual.
const MAX_STEPS: usize = 60;

/// U unitary and T upper triangular with A = UTUᴴ.
pub(super) struct ComplexSchur {
    pub(super) unitary: Mat<c64>,
    pub(super) triangular: Mat<c64>,
}

impl ComplexSchur {
    /// Decomposes a square, finite, non-empty A. Cost: about 25d³ complex multiplications.
    pub(super) fn new(A: MatRef<'_, f64>) -> Result<Self, GeometryError> {
        let d = A.nrows();
        let (Q, K) = hessenberg(A);
        let mut schur = Self { unitary: complex(Q.as_ref()), triangular: complex(K.as_ref()) };
        let norm = frobenius_norm(A);
        let (mut end, mut steps) = (d - 1, 0);
        while end > 0 {
            let start = (1..=end).rev().find(|&k| schur.is_negligible(k, norm)).unwrap_or(0);
            if start > 0 {
                schur.triangular[(start, start - 1)] = c64::new(0.0, 0.0);
            }
            if start == end {
                (end, steps) = (end - 1, 0);
                continue;
            }
            if steps == MAX_STEPS {
                return Err(GeometryError::NoConvergence { method: "schur decomposition", dimension: d });
            }
            steps += 1;
            // Every tenth step leaves the Wilkinson shift, in case it has fallen into a cycle.
            let shift = if steps % 10 == 0 { schur.exceptional_shift(end) } else { schur.wilkinson_shift(end) };
            schur.sweep(start, end, shift);
        }
        Ok(schur)
    }

    /// Eigenvalues of A, each complex one with its conjugate (up to rounding), in the order of the iteration.
    pub(super) fn eigenvalues(&self) -> Vec<c64> {
        (0..self.triangular.nrows()).map(|i| self.triangular[(i, i)]).collect()
    }

    fn is_negligible(&self, k: usize, norm: f64) -> bool {
        let T = &self.triangular;
        let neighbours = magnitude(T[(k - 1, k - 1)]) + magnitude(T[(k, k)]);
        let size = if neighbours == 0.0 { norm } else { neighbours };
        magnitude(T[(k, k - 1)]) <= f64::EPSILON * size
    }

    /// The eigenvalue of the trailing 2×2 block of the active part that is nearer to its last entry.
    fn wilkinson_shift(&self, end: usize) -> c64 {
        let T = &self.triangular;
        let (a, b) = (T[(end - 1, end - 1)], T[(end - 1, end)]);
        let (c, d) = (T[(end, end - 1)], T[(end, end)]);
        let half = (a - d) * 0.5;
        let root = square_root(half * half + b * c);
        // d − bc/(half ± root) with the sign that adds up; both eigenvalues of the block are of this form.
        let (plus, minus) = (half + root, half - root);
        let larger = if magnitude(plus) >= magnitude(minus) { plus } else { minus };
        if magnitude(larger) == 0.0 { d } else { d - b * c / larger }
    }

    fn exceptional_shift(&self, end: usize) -> c64 {
        self.triangular[(end, end)] + 0.75 * magnitude(self.triangular[(end, end - 1)])
    }

    /// One QR step on the diagonal block start..=end: T − σI = GᴴR there, then T ← RGᴴ + σI, U ← UGᴴ.
    fn sweep(&mut self, start: usize, end: usize, shift: c64) {
        let d = self.triangular.nrows();
        let T = &mut self.triangular;
        for k in start..=end {
            T[(k, k)] -= shift;
        }
        let mut rotations = Vec::with_capacity(end - start);
        for k in start..end {
            let (c, s) = rotation(T[(k, k)], T[(k + 1, k)]);
            for j in k..d {
                let (x, y) = (T[(k, j)], T[(k + 1, j)]);
                T[(k, j)] = x * c + s * y;
                T[(k + 1, j)] = y * c - s.conj() * x;
            }
            rotations.push((k, c, s));
        }
        for &(k, c, s) in &rotations {
            rotate_columns(T, k, c, s, k + 2);
            rotate_columns(&mut self.unitary, k, c, s, d);
        }
        for k in start..=end {
            T[(k, k)] += shift;
        }
    }
}

/// M ← MGᴴ for the rotation G of rows k and k+1, on the first `rows` rows.
fn rotate_columns(M: &mut Mat<c64>, k: usize, c: f64, s: c64, rows: usize) {
    for i in 0..rows {
        let (x, y) = (M[(i, k)], M[(i, k + 1)]);
        M[(i, k)] = x * c + s.conj() * y;
        M[(i, k + 1)] = y * c - s * x;
    }
}

/// c real and s complex, c² + |s|² = 1, such that the second entry of [c s; −s̄ c][a; b] vanishes.
fn rotation(a: c64, b: c64) -> (f64, c64) {
    let (size_a, size_b) = (magnitude(a), magnitude(b));
    let r = libm::hypot(size_a, size_b);
    if r == 0.0 {
        return (1.0, c64::new(0.0, 0.0));
    }
    let phase = if size_a == 0.0 { c64::new(1.0, 0.0) } else { a / size_a };
    (size_a / r, phase * b.conj() / r)
}

/// The square root with real part ≥ 0.
fn square_root(z: c64) -> c64 {
    let size = magnitude(z);
    if size == 0.0 {
        return c64::new(0.0, 0.0);
    }
    let root = (0.5 * (size + z.re.abs())).sqrt();
    let other = 0.5 * z.im / root;
    if z.re >= 0.0 { c64::new(root, other) } else { c64::new(other.abs(), root.copysign(z.im)) }
}

fn complex(A: MatRef<'_, f64>) -> Mat<c64> {
    Mat::from_fn(A.nrows(), A.ncols(), |i, j| c64::new(A[(i, j)], 0.0))
}
