//! Norm and trace of a matrix, or of its part outside a subspace, some columns at a time.

#![allow(non_snake_case, reason = "matrices keep the names they have in the papers")]

use faer::{Mat, MatRef};

use crate::dense::{add_product, product};
use crate::passes::{LANES, add_squares};

/// Columns looked at together: few enough that they stay in the cache.
const PANEL: usize = 32;

/// ‖A‖_F and tr A.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sizes {
    pub(crate) norm: f64,
    pub(crate) trace: f64,
}

/// A matrix that is looked at by columns.
pub(crate) enum Source<'a> {
    /// A = Aᵀ.
    Symmetric(MatRef<'a, f64>),
    /// A = CH − (CH)ᵀ = −Aᵀ.
    Commutator(&'a Mat<f64>),
}

/// What lies in the span of V: with W = AV − ½V(VᵀAV) and P = I − VVᵀ, PAP = A − VWᵀ ∓ WVᵀ for A = ±Aᵀ.
pub(crate) struct Within<'a> {
    V: MatRef<'a, f64>,
    W: Mat<f64>,
}

impl<'a> Within<'a> {
    pub(crate) fn new(V: MatRef<'a, f64>, AV: Mat<f64>) -> Self {
        let half = product(V.transpose(), AV.as_ref());
        let mut W = AV;
        add_product(&mut W, -0.5, V, half.as_ref());
        Within { V, W }
    }
}

/// The sizes of A, or of PAP, some columns of which are at hand at a time.
pub(crate) fn outside(A: &Source<'_>, within: Option<&Within<'_>>) -> Sizes {
    let d = match A {
        Source::Symmetric(A) => A.ncols(),
        Source::Commutator(CH) => CH.ncols(),
    };
    let (mut squares, mut trace) = ([0.0; LANES], 0.0);
    for first in (0..d).step_by(PANEL) {
        let count = PANEL.min(d - first);
        let mut panel = match A {
            Source::Symmetric(A) => A.subcols(first, count).to_owned(),
            Source::Commutator(CH) => less_transpose(CH, first, count),
        };
        if let Some(Within { V, W }) = within {
            let sign = if let Source::Symmetric(_) = A { -1.0 } else { 1.0 };
            add_product(&mut panel, sign, *V, W.subrows(first, count).transpose());
            add_product(&mut panel, -1.0, W.as_ref(), V.subrows(first, count).transpose());
        }
        for j in 0..count {
            add_squares(panel.col_as_slice(j), 1.0, &mut squares);
            trace += panel[(first + j, j)];
        }
    }
    Sizes { norm: squares.iter().sum::<f64>().sqrt(), trace }
}

/// Some columns of B − Bᵀ.
fn less_transpose(B: &Mat<f64>, first: usize, count: usize) -> Mat<f64> {
    let columns: Vec<&[f64]> = (0..B.ncols()).map(|j| B.col_as_slice(j)).collect();
    let mut difference = B.subcols(first, count).to_owned();
    for (tile, columns) in columns.chunks(PANEL).enumerate() {
        for j in 0..count {
            let entries = &mut difference.col_as_slice_mut(j)[tile * PANEL..];
            entries.iter_mut().zip(columns).for_each(|(entry, column)| *entry -= column[first + j]);
        }
    }
    difference
}
