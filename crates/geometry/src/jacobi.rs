//! The eigenvalues of a small symmetric matrix, by rotations in plain loops: the same bits on every machine, and a third of
//! the time of a blocked decomposition.
//!
//! ```text
//! A ← JᵀAJ,  V ← VJ,   J the rotation of two axes that makes their off-diagonal entry 0, over all pairs in order
//! ```
//!
//! The off-diagonal part falls quadratically, in some six rounds to nothing.
//!
//! Source: G. H. Golub, C. F. Van Loan, *Matrix Computations*, 4th ed., §8.5.

#![allow(non_snake_case, reason = "matrices keep the names they have in the papers")]

use faer::{Mat, MatRef};

/// Up to this dimension rotations are quicker.
pub(crate) const LARGEST: usize = 8;
/// Off-diagonal entries of a matrix with entries up to 1 that are nothing.
const NEGLIGIBLE: f64 = 1e-17;
/// Rounds after which it is given up.
const MOST_ROUNDS: usize = 40;

type Square = [[f64; LARGEST]; LARGEST];

/// λ ascending, and V with A = V diag(λ) Vᵀ, for an A (d×d, d ≤ 8) with entries up to 1 in magnitude; none without
/// convergence.
pub(crate) fn eigen(A: MatRef<'_, f64>) -> Option<(Vec<f64>, Mat<f64>)> {
    let d = A.nrows();
    // Rows of V are kept as columns, so that a rotation mixes two rows of each.
    let (mut a, mut v): (Square, Square) = ([[0.0; LARGEST]; LARGEST], [[0.0; LARGEST]; LARGEST]);
    for i in 0..d {
        v[i][i] = 1.0;
        (0..d).for_each(|j| a[i][j] = A[(i, j)]);
    }
    let pairs = || (0..d).flat_map(|p| (p + 1..d).map(move |q| (p, q)));
    let mut rounds = 0;
    while pairs().any(|(p, q)| a[p][q].abs() > NEGLIGIBLE) {
        if rounds == MOST_ROUNDS {
            return None;
        }
        for (p, q) in pairs() {
            rotate(&mut a, &mut v, d, p, q);
        }
        rounds += 1;
    }
    let mut order: Vec<usize> = (0..d).collect();
    order.sort_by(|&i, &j| a[i][i].total_cmp(&a[j][j]));
    Some((order.iter().map(|&i| a[i][i]).collect(), Mat::from_fn(d, d, |i, j| v[order[j]][i])))
}

/// One rotation of the axes p < q; `v` holds the vectors as rows.
fn rotate(a: &mut Square, v: &mut Square, d: usize, p: usize, q: usize) {
    let off = a[p][q];
    if off.abs() <= NEGLIGIBLE {
        return;
    }
    let cotangent = (a[q][q] - a[p][p]) / (2.0 * off);
    let sign = if cotangent < 0.0 { -1.0 } else { 1.0 };
    let t = sign / (cotangent.abs() + (cotangent * cotangent + 1.0).sqrt());
    let c = 1.0 / (t * t + 1.0).sqrt();
    let s = t * c;
    let (a_pp, a_qq) = (a[p][p] - t * off, a[q][q] + t * off);
    // (cx − sy, sx + cy), written so that rounding leaves lengths alone (Rutishauser).
    let tau = s / (1.0 + c);
    let turned = |x: f64, y: f64| (x - s * (y + tau * x), y + s * (x - tau * y));
    for j in 0..d {
        (a[p][j], a[q][j]) = turned(a[p][j], a[q][j]);
        (v[p][j], v[q][j]) = turned(v[p][j], v[q][j]);
    }
    for i in 0..d {
        (a[i][p], a[i][q]) = (a[p][i], a[q][i]);
    }
    (a[p][p], a[q][q], a[p][q], a[q][p]) = (a_pp, a_qq, 0.0, 0.0);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dense::{frobenius_norm, product};

    fn symmetric(d: usize, entry: impl Fn(usize, usize) -> f64) -> Mat<f64> {
        Mat::from_fn(d, d, |i, j| entry(i.max(j), i.min(j)))
    }

    #[test]
    fn it_decomposes_matrices_of_every_kind() -> Result<(), &'static str> {
        for d in 1..=LARGEST {
            let rank_one = |i: usize, j: usize| 1.0 / ((i + 1) * (j + 1)) as f64;
            let kinds = [
                symmetric(d, |i, j| libm::sin(1.0 + 12.9 * i as f64 + 78.2 * j as f64)),
                symmetric(d, rank_one),
                symmetric(d, |i, j| if i == j { 1.0 } else { 1e-9 }),
                symmetric(d, |i, j| rank_one(i, j) * libm::pow(1e-3, (i + j) as f64)),
                symmetric(d, |i, j| if i == j + 1 { 0.5 } else { 0.0 }),
                Mat::zeros(d, d),
            ];
            for A in kinds {
                let (values, V) = eigen(A.as_ref()).ok_or("no convergence")?;
                assert!(values.is_sorted(), "{values:?}");
                let gram = Mat::from_fn(d, d, |i, j| product(V.transpose(), V.as_ref())[(i, j)] - f64::from(i == j));
                let scaled = Mat::from_fn(d, d, |i, j| V[(i, j)] * values[j]);
                let rebuilt = product(scaled.as_ref(), V.transpose()) - &A;
                assert!(frobenius_norm(gram.as_ref()) < 6e-16 * d as f64);
                assert!(frobenius_norm(rebuilt.as_ref()) < 6e-16 * d as f64, "{d}: {A:?}");
            }
        }
        Ok(())
    }

    #[test]
    fn small_eigenvalues_of_a_graded_matrix_keep_their_digits() -> Result<(), &'static str> {
        // diag(1, 10⁻⁶) B diag(1, 10⁻⁶) with B = [[1, ½], [½, 1]] has the determinant ¾·10⁻¹².
        let A = symmetric(2, |i, j| [[1.0, 0.0], [0.5e-6, 1e-12]][i][j]);
        let (values, _) = eigen(A.as_ref()).ok_or("no convergence")?;
        assert!((values[0] * values[1] / 0.75e-12 - 1.0).abs() < 1e-14, "{values:?}");
        Ok(())
    }
}
