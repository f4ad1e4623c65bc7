//! The errors of problems and processes.

use geometry::GeometryError;
use sampling::covariance::CovarianceError;

/// Why a problem or a process cannot be built, or a law does not hold.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DynamicsError {
    /// A pool or a design cannot be built.
    #[error(transparent)]
    Design(#[from] sampling::DesignError),
    /// A matrix or an equation of the geometry fails.
    #[error(transparent)]
    Geometry(#[from] GeometryError),
    /// An estimator of a covariance cannot be built.
    #[error(transparent)]
    Covariance(#[from] CovarianceError),
    /// More dimensions than a process can carry the law of.
    #[error("dimension d is {given}: at most {largest} are supported here")]
    DimensionTooLarge {
        /// d.
        given: usize,
        /// The largest d.
        largest: usize,
    },
    /// Two parts of a problem disagree on the dimension d.
    #[error("the {part} has dimension {given}, but the curvature H has dimension {expected}")]
    Dimension {
        /// Which part.
        part: &'static str,
        /// Its dimension.
        given: usize,
        /// The dimension of the curvature.
        expected: usize,
    },
    /// The recursion θ' = θ − ηHθ + … does not contract.
    #[error(
        "step size η = {step_size} is not stable: it must be below 2/λ_max(H) = {limit} (λ_max(H) = {largest_curvature})"
    )]
    Unstable {
        /// η.
        step_size: f64,
        /// λ_max(H).
        largest_curvature: f64,
        /// 2/λ_max(H).
        limit: f64,
    },
    /// A linear recursion other than plain SGD does not contract.
    #[error("{what} is {given}: it must be below {bound} = {limit}, or the recursion is not stable")]
    UnstableRecursion {
        /// Which step.
        what: &'static str,
        /// Its size.
        given: f64,
        /// The limit, as a formula.
        bound: &'static str,
        /// Its value.
        limit: f64,
    },
    /// A momentum outside its range.
    #[error("momentum β is {given}: it must be at least 0 and below 1")]
    Momentum {
        /// β.
        given: f64,
    },
    /// A batch without replacement cannot be larger than its pool.
    #[error("batch size b = {batch_size} is above the pool size n = {pool_size}: a batch is drawn without replacement")]
    BatchExceedsPool {
        /// b.
        batch_size: u64,
        /// n.
        pool_size: u64,
    },
    /// A pool of gradients that would not fit in memory.
    #[error(
        "a pool of n = {pool_size} gradients of dimension d = {dimension} is too large: nd must be at most {limit}"
    )]
    PoolTooLarge {
        /// n.
        pool_size: u64,
        /// d.
        dimension: usize,
        /// The largest nd.
        limit: u64,
    },
    /// A number that must be positive and finite is not.
    #[error("{what} is {given}: it must be a finite number above 0")]
    NotPositive {
        /// Which number.
        what: &'static str,
        /// Its value.
        given: f64,
    },
    /// A decay of the step sizes that is too slow or too fast.
    #[error("exponent α is {given}: it must lie above ½ and be at most 1, so that Σ η_k diverges and Σ η_k² does not")]
    Exponent {
        /// α.
        given: f64,
    },
    /// Cyclical steps whose small step is the larger one.
    #[error("low step size is {low}: it must be at most the high one, which is {high}")]
    StepOrder {
        /// η_low.
        low: f64,
        /// η_high.
        high: f64,
    },
    /// Cyclical steps that are all of one kind.
    #[error("{high_steps} high steps in a period of {period}: there must be at least 1, and fewer than the period has")]
    Period {
        /// How many high steps.
        high_steps: u64,
        /// How many steps in all.
        period: u64,
    },
    /// The scale of decreasing steps is too small for the limit theorem of rate 1/k.
    #[error("cλ_min(H) = {product} must be above ½ for k·Cov to converge: {regime}")]
    SlowRate {
        /// cλ_min(H).
        product: f64,
        /// What happens instead.
        regime: &'static str,
    },
    /// More samples are to be reused than a batch has fresh ones.
    #[error(
        "r = {reused} samples of a batch of b = {batch_size} cannot come from the fresh ones of the batch before: it has \
         b − r of them, so r must be at most b/2"
    )]
    ReuseTooLarge {
        /// r.
        reused: u64,
        /// b.
        batch_size: u64,
    },
    /// A pool of samples that cannot be whitened, or is too large to be shuffled in memory.
    #[error("a pool of n = {size} samples: it must be more than d = {dimension} and at most {limit}")]
    PoolSize {
        /// n.
        size: usize,
        /// d.
        dimension: usize,
        /// The largest pool.
        limit: usize,
    },
    /// A pool that is no whole number of batches.
    #[error("a pool of n = {size} samples cannot be cut into batches of b = {batch_size}: b must divide n")]
    UnevenBatches {
        /// n.
        size: usize,
        /// b.
        batch_size: usize,
    },
    /// A number that must be at least 0 is not.
    #[error("{what} is {given}: it must be a finite number of at least 0")]
    Negative {
        /// Which number.
        what: &'static str,
        /// Its value.
        given: f64,
    },
    /// A model of nothing, or one whose gradients would not fit in memory.
    #[error("a model with n = {samples} samples and p = {parameters} parameters: np must be from 1 to {limit}")]
    ModelSize {
        /// n.
        samples: usize,
        /// p.
        parameters: usize,
        /// The largest np.
        limit: usize,
    },
    /// A reading that a model does not offer.
    #[error("the {reading} of this model cannot be read: {reason}")]
    NotReadable {
        /// Which reading.
        reading: &'static str,
        /// Why not.
        reason: String,
    },
    /// A number is NaN or infinite.
    #[error("{what} is {given}: it must be finite")]
    NotFinite {
        /// Which number.
        what: &'static str,
        /// Its value.
        given: f64,
    },
    /// A law is not known.
    #[error("no {law} is known here: {reason}")]
    NoLaw {
        /// Which law.
        law: &'static str,
        /// Why not.
        reason: &'static str,
    },
    /// The leading-order law is known, but its remainder is not.
    #[error(
        "the remainder of the leading-order law is known only for a metric that commutes with the curvature H; \
         this one couples eigendirections {row} and {column} of H by {entry}"
    )]
    RemainderUnknown {
        /// Row of the largest coupling.
        row: usize,
        /// Its column.
        column: usize,
        /// Its value in the eigenbasis of H.
        entry: f64,
    },
    /// The leading-order law says 0, so no remainder can be relative to it.
    #[error("the leading-order value is {value}: its remainder is relative to it, so it must be above 0")]
    NothingToLeadingOrder {
        /// The value.
        value: f64,
    },
    /// Newton's method found no minimiser.
    #[error("newton's method stopped after {iterations} steps at a gradient of norm {gradient_norm:e}: {hint}")]
    NewtonFailed {
        /// Steps taken.
        iterations: u32,
        /// ‖∇L‖ where it stopped.
        gradient_norm: f64,
        /// What the reason may be.
        hint: &'static str,
    },
    /// A label of a classification that is not 0 or 1.
    #[error("label {sample} is {given}: it must be 0 or 1")]
    Label {
        /// The sample, from 0.
        sample: usize,
        /// Its label.
        given: f64,
    },
    /// A number that must be a share is not.
    #[error("{what} is {given}: it must lie between 0 and 1")]
    NotAShare {
        /// Which number.
        what: &'static str,
        /// Its value.
        given: f64,
    },
    /// A data set that is too small or too large.
    #[error("the data set has {given} samples: from {smallest} to {largest} are supported")]
    SampleCount {
        /// The number of samples n.
        given: usize,
        /// The smallest number supported.
        smallest: usize,
        /// The largest number supported.
        largest: usize,
    },
    /// A hidden layer without units.
    #[error("hidden layer {} has width 0: every layer needs at least one unit", layer + 1)]
    EmptyLayer {
        /// The layer, from 0.
        layer: usize,
    },
    /// A layer to be analysed that the network does not have.
    #[error("layer {given} is to be analysed, but the network has {layers} layers of weights, counted from 0")]
    AnalysedLayer {
        /// The layer asked for.
        given: usize,
        /// The number of layers.
        layers: usize,
    },
    /// A network or its data would not fit in memory.
    #[error("the network has {given} {what}: at most {largest} are supported")]
    NetworkTooLarge {
        /// What there is too much of.
        what: &'static str,
        /// How much of it.
        given: usize,
        /// The most that is supported.
        largest: usize,
    },
    /// Real targets where labels are needed.
    #[error("{what} needs labels, but the targets are real numbers: use squared loss, and no choice of classes")]
    NeedsLabels {
        /// What needs them.
        what: &'static str,
    },
    /// A classification without a choice.
    #[error("{given} classes are chosen: at least 2 are required")]
    TooFewClasses {
        /// The number of classes.
        given: usize,
    },
    /// A class that is listed twice.
    #[error("class {class} is chosen twice: list each class once")]
    RepeatedClass {
        /// Its label.
        class: u32,
    },
    /// A class with fewer samples than a balanced subset needs.
    #[error(
        "class {class} has {available} samples, but a balanced subset takes {required} of it: ask for fewer samples or \
         leave the class out"
    )]
    ClassTooSmall {
        /// Its label.
        class: u32,
        /// How many samples it has.
        available: usize,
        /// How many are needed.
        required: usize,
    },
    /// A batch that is empty or larger than can be drawn.
    #[error("batch size is {given}: it must be at least 1 and at most {largest}")]
    BatchSize {
        /// The batch size b.
        given: u64,
        /// The largest b supported here.
        largest: u64,
    },
    /// The second moment of streaming least squares does not contract.
    #[error(
        "step size η = {step_size} with batch size {batch_size} is not mean-square stable: A = {feedback} and \
         η(1 + 1/b)s_max = {fastest}, which must be below 1 and below 2"
    )]
    MeanSquareUnstable {
        /// η.
        step_size: f64,
        /// b.
        batch_size: u64,
        /// A = (η/b)Σ s_i/(2 − η(1 + 1/b)s_i), infinite where a term is not positive.
        feedback: f64,
        /// η(1 + 1/b)s_max.
        fastest: f64,
    },
    /// An adaptive integrator whose step has become too small to advance the time.
    #[error(
        "the integrator is stuck at t = {time} with a step of {step:e}: the solution is not smooth or not finite there"
    )]
    OdeStuck {
        /// t.
        time: f64,
        /// The last step tried.
        step: f64,
    },
}
