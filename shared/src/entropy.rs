//! Randomness that the driver pays in once: a seeded ChaCha20 stream.
//!
//! The core draws no randomness of its own, so that a simulation repeats exactly from its seed.

use rand_chacha::{
    ChaCha20Rng,
    rand_core::{Rng, SeedableRng},
};

/// A cryptographically strong stream of random numbers, from a seed of 32 bytes.
#[derive(Clone, Debug)]
pub struct Entropy(ChaCha20Rng);

impl Entropy {
    /// Starts a stream. Outside tests the seed comes from the operating system.
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self(ChaCha20Rng::from_seed(seed))
    }

    /// `N` random bytes.
    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.fill_bytes(&mut bytes);
        bytes
    }

    /// 128 random bits as 32 hexadecimal digits: an id that nobody can guess.
    pub fn id(&mut self) -> String {
        crate::ids::to_hex(&self.bytes::<16>())
    }

    /// A number in `0..bound`, or 0 when `bound` is 0.
    ///
    /// The bias of the multiplication is below 2^-32 for every bound we use, far from mattering for a choice.
    pub fn below(&mut self, bound: usize) -> usize {
        let wide = u128::from(self.0.next_u64()) * bound as u128;
        // The product's upper half is less than `bound`, which is a usize.
        (wide >> 64) as usize
    }

    /// Moves a random choice of `amount` items to the front and cuts off the rest.
    pub fn choose<T>(&mut self, items: &mut Vec<T>, amount: usize) {
        let amount = amount.min(items.len());
        for i in 0..amount {
            let j = i + self.below(items.len() - i);
            items.swap(i, j);
        }
        items.truncate(amount);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats() {
        let draw = |seed| Entropy::from_seed([seed; 32]).id();
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
    }

    #[test]
    fn choices_are_distinct_and_within_bounds() {
        let mut entropy = Entropy::from_seed([3; 32]);
        assert_eq!(entropy.below(0), 0);
        for _ in 0..200 {
            let mut items: Vec<u32> = (0..10).collect();
            entropy.choose(&mut items, 4);
            items.sort_unstable();
            items.dedup();
            assert_eq!(items.len(), 4);
        }
    }

    #[test]
    fn every_item_is_chosen_at_some_time() {
        let mut entropy = Entropy::from_seed([4; 32]);
        let mut hits = [0; 5];
        for _ in 0..500 {
            hits[entropy.below(5)] += 1;
        }
        assert!(hits.iter().all(|&n| n > 50), "{hits:?}");
    }
}
