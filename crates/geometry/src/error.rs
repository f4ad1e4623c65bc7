//! The one error type of the crate: every message says what was given, what was required, and where.

use faer::c64;

/// Why a matrix was refused or an equation has no answer.
///
/// Indices count from zero.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum GeometryError {
    /// A matrix, spectrum or diagonal without entries.
    #[error("{what} is empty: at least one entry is required")]
    Empty {
        /// What was empty.
        what: &'static str,
    },
    /// A matrix whose two sides differ.
    #[error("matrix is {rows}×{columns}: a square matrix is required")]
    NotSquare {
        /// Number of rows given.
        rows: usize,
        /// Number of columns given.
        columns: usize,
    },
    /// An entry that is NaN or infinite, in an argument or, by overflow, in a result.
    #[error("entry ({row}, {column}) of {what} is {value}: finite entries are required")]
    NotFinite {
        /// The matrix the entry belongs to.
        what: &'static str,
        /// Row of the entry.
        row: usize,
        /// Column of the entry.
        column: usize,
        /// The entry.
        value: f64,
    },
    /// Two mirrored entries that differ by more than rounding.
    #[error(
        "matrix is not symmetric: entry ({row}, {column}) is {value:e} but entry ({column}, {row}) is \
         {mirrored:e}; they may differ by at most {tolerance:e}"
    )]
    NotSymmetric {
        /// Row of the entry below the diagonal.
        row: usize,
        /// Column of the entry below the diagonal.
        column: usize,
        /// The entry at (row, column).
        value: f64,
        /// The entry at (column, row).
        mirrored: f64,
        /// Largest difference allowed, in the unit of the entries.
        tolerance: f64,
    },
    /// A Cholesky pivot that is zero, negative, or lost in rounding.
    #[error(
        "matrix is not positive definite: pivot {pivot} is {value:e} after the diagonal was lowered by the \
         relative tolerance {tolerance:e}; it must be > 0"
    )]
    NotPositiveDefinite {
        /// Index of the pivot.
        pivot: usize,
        /// The pivot.
        value: f64,
        /// Relative amount by which the diagonal was lowered before the factorisation.
        tolerance: f64,
    },
    /// An eigenvalue that is negative beyond rounding.
    #[error("matrix is not positive semidefinite: eigenvalue {index} is {eigenvalue:e}; it must be ≥ -{tolerance:e}")]
    NotPositiveSemidefinite {
        /// Index of the eigenvalue in ascending order.
        index: usize,
        /// The eigenvalue.
        eigenvalue: f64,
        /// Absolute tolerance, in the unit of the entries.
        tolerance: f64,
    },
    /// An eigenvalue that is smaller than the error with which eigenvalues are computed.
    #[error(
        "eigenvalue {index} is {value:e}, not above the resolution {tolerance:e} of the eigensolver; the matrix is \
         too badly conditioned for this operation"
    )]
    UnresolvedEigenvalue {
        /// Index of the eigenvalue in ascending order.
        index: usize,
        /// The eigenvalue as computed.
        value: f64,
        /// Absolute resolution of the eigensolver for this matrix.
        tolerance: f64,
    },
    /// A triangular factor that does not reproduce its matrix.
    #[error("triangular factor misses its matrix by {residual:e} in some entry; at most {tolerance:e} is allowed")]
    FactorResidual {
        /// Largest entry of |G − LLᵀ|.
        residual: f64,
        /// Largest value allowed, in the unit of the entries.
        tolerance: f64,
    },
    /// An eigenvalue or Schur iteration that ran out of steps.
    #[error("{method} of a {dimension}×{dimension} matrix did not converge")]
    NoConvergence {
        /// The iteration.
        method: &'static str,
        /// Dimension of the matrix.
        dimension: usize,
    },
    /// Operands whose shapes do not fit.
    #[error("{what} is {rows}×{columns}: {required_rows}×{required_columns} is required")]
    ShapeMismatch {
        /// The operand.
        what: &'static str,
        /// Number of rows given.
        rows: usize,
        /// Number of columns given.
        columns: usize,
        /// Number of rows required.
        required_rows: usize,
        /// Number of columns required.
        required_columns: usize,
    },
    /// Columns that are not orthonormal.
    #[error(
        "columns are not orthonormal: entry ({row}, {column}) of BᵀB − I is {value:e}; at most {tolerance:e} is allowed"
    )]
    NotOrthonormal {
        /// Row in the Gram matrix.
        row: usize,
        /// Column in the Gram matrix.
        column: usize,
        /// The entry of BᵀB − I.
        value: f64,
        /// Largest magnitude allowed.
        tolerance: f64,
    },
    /// A symmetric matrix that is not its own square.
    #[error("matrix is not a projector: eigenvalue {index} is {eigenvalue:e}; it must be 0 or 1 within {tolerance:e}")]
    NotProjector {
        /// Index of the eigenvalue in ascending order.
        index: usize,
        /// The eigenvalue.
        eigenvalue: f64,
        /// Largest distance from 0 or 1 allowed.
        tolerance: f64,
    },
    /// A matrix equation without a unique solution.
    #[error(
        "equation has no unique solution: eigenvalues λ_{i} = {first} and λ_{j} = {second} give |{quantity}| = \
         {value:e}; it must be > {tolerance:e}"
    )]
    Unsolvable {
        /// The combination of eigenvalues that must not vanish.
        quantity: &'static str,
        /// Index of the first eigenvalue.
        i: usize,
        /// The first eigenvalue.
        first: c64,
        /// Index of the second eigenvalue.
        j: usize,
        /// The second eigenvalue.
        second: c64,
        /// Magnitude of the combination.
        value: f64,
        /// Smallest magnitude that is distinguishable from zero.
        tolerance: f64,
    },
    /// A flow dX = −AX dt + dW without a stationary law.
    #[error("flow is not stable: the spectral abscissa of -A is {abscissa:e}; it must be < -{tolerance:e}")]
    UnstableFlow {
        /// Largest real part of an eigenvalue of −A.
        abscissa: f64,
        /// Resolution of the eigenvalues.
        tolerance: f64,
    },
    /// A recursion x' = Ax + ξ without a stationary law.
    #[error("recursion is not stable: the spectral radius of A is {radius}; it must be < 1 - {tolerance:e}")]
    UnstableRecursion {
        /// Largest magnitude of an eigenvalue of A.
        radius: f64,
        /// Resolution of the eigenvalues.
        tolerance: f64,
    },
    /// A constant step size at or above the stability limit of the linear recursion.
    #[error(
        "step size η = {step_size} is not below the stability limit 2/λ_max(H) = {limit} (λ_max(H) = {largest_eigenvalue})"
    )]
    UnstableStepSize {
        /// Step size η.
        step_size: f64,
        /// Largest eigenvalue of H.
        largest_eigenvalue: f64,
        /// The limit 2/λ_max(H).
        limit: f64,
    },
    /// Robbins–Monro steps exactly at the edge of the central limit theorem.
    #[error(
        "critical regime: c·λ_min(H) = {product} equals 1/2 within {tolerance:e}, so the covariance decays like log(k)/k \
         and has no limit constant; c·λ_min(H) > 1/2 is required"
    )]
    CriticalRegime {
        /// The product c·λ_min(H).
        product: f64,
        /// Resolution of the product.
        tolerance: f64,
    },
    /// Robbins–Monro steps too small for the central limit theorem.
    #[error(
        "slow regime: c·λ_min(H) = {product} is below 1/2, so the covariance decays like k^(-2cλ_min) and has no limit \
         constant; c·λ_min(H) > 1/2 is required"
    )]
    SlowRegime {
        /// The product c·λ_min(H).
        product: f64,
    },
    /// The Fisher strong-convexity constant does not allow an upper bound.
    #[error("fisher strong-convexity constant is {value:e}; the upper bound applies only where it is > 0")]
    NotFisherConvex {
        /// The constant μ_F.
        value: f64,
    },
    /// Robbins–Monro steps too small for the upper bound in the Fisher metric.
    #[error(
        "2c·μ_F = {product} is not above 1, so the upper bound has no constant of rate 1/N; larger steps c are required"
    )]
    SlowFisherRegime {
        /// The product 2cμ_F.
        product: f64,
    },
    /// A step size beyond what a smoothness constant allows.
    #[error("step size η = {step_size} is above 1/M = {limit}: the bound holds up to there")]
    StepAboveSmoothness {
        /// Step size η.
        step_size: f64,
        /// The limit 1/M.
        limit: f64,
    },
    /// A scalar that must not be negative.
    #[error("{name} is {value}: a finite value ≥ 0 is required")]
    Negative {
        /// The scalar.
        name: &'static str,
        /// The value given.
        value: f64,
    },
    /// A scalar outside its range.
    #[error("{name} is {value}: a finite value > 0 is required")]
    NotPositive {
        /// The scalar.
        name: &'static str,
        /// The value given.
        value: f64,
    },
    /// A slice of the wrong length.
    #[error("{name} has {given} entries: {required} are required")]
    WrongLength {
        /// The slice.
        name: &'static str,
        /// Number of entries given.
        given: usize,
        /// Number of entries required.
        required: usize,
    },
    /// A number of things outside its range.
    #[error("{name} is {given}: {smallest} to {largest} are possible here")]
    WrongCount {
        /// What is counted.
        name: &'static str,
        /// The number given.
        given: usize,
        /// The smallest possible.
        smallest: usize,
        /// The largest possible.
        largest: usize,
    },
    /// A share outside [0, 1].
    #[error("{name} is {value}: a share from 0 to 1 is required")]
    NotAShare {
        /// The share.
        name: &'static str,
        /// The value given.
        value: f64,
    },
    /// Too few directions with positive curvature and noise for a line through their logarithms.
    #[error(
        "only {usable} of {given} directions have curvature and noise above rounding: a fit of their logarithms requires \
         {required}; ask for more directions"
    )]
    TooFewDirections {
        /// Directions above rounding.
        usable: usize,
        /// Directions given.
        given: usize,
        /// Directions required.
        required: usize,
    },
    /// A one-point spectrum between two different ends.
    #[error("a spectrum of 1 value cannot have the two ends {from} and {to}: give equal ends or at least 2 values")]
    SpectrumEnds {
        /// First value asked for.
        from: f64,
        /// Last value asked for.
        to: f64,
    },
    /// Numbers that do not span the space, which standard normals do with probability one.
    #[error("column {column} of the given normals depends linearly on the columns before it")]
    DependentNormals {
        /// The first dependent column.
        column: usize,
    },
}
