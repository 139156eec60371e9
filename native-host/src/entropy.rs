//! Randomness for what draws its own from then on.

use catnest::entropy::Entropy;

/// Begins with what the operating system gives.
///
/// # Errors
/// When it gives nothing.
pub(crate) fn from_system() -> Result<Entropy, getrandom::Error> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed)?;
    Ok(Entropy::from_seed(seed))
}
