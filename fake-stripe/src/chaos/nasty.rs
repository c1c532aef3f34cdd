//! Strange objects: what a real account has now and then, and what a reader must survive.

/// A kind of strangeness of a made-up object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NastyKind {
    /// Amounts of 0, of 1 and of twelve digits.
    Amounts,
    /// Texts with quotes, backslashes, line breaks and letters of many scripts.
    Texts,
    /// Texts with the character NUL, which PostgreSQL cannot store.
    Nul,
    /// References to objects that do not exist.
    Dangling,
    /// Prose where Stripe has words of a list that its schema calls plain strings.
    Prose,
    /// Members that are null, absent or filled at random, so that they do not agree with each other or with other objects.
    Shapes,
}

impl NastyKind {
    const ALL: [Self; 6] = [
        Self::Amounts,
        Self::Texts,
        Self::Nul,
        Self::Dangling,
        Self::Prose,
        Self::Shapes,
    ];

    fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// How many of the objects that the fake makes up are strange, and in which way. The default: none.
///
/// ```
/// use fake_stripe::{FakeStripe, Nasty, NastyKind};
///
/// let builder = FakeStripe::builder().nasty(Nasty::new(0.1));
/// let builder = FakeStripe::builder().nasty(Nasty::new(0.5).only([NastyKind::Texts, NastyKind::Amounts]));
/// // PostgreSQL stores no text with NUL.
/// let builder = FakeStripe::builder().nasty(Nasty::new(0.5).without([NastyKind::Nul]));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Nasty {
    share: f64,
    kinds: u8,
}

impl Nasty {
    /// This share of the objects (0 to 1) is strange, each in one or more kinds that are drawn for it.
    #[must_use]
    pub fn new(share: f64) -> Self {
        Self {
            share,
            kinds: u8::MAX,
        }
    }

    /// Every object is as a real account has it.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Only in these kinds.
    #[must_use]
    pub fn only(mut self, kinds: impl IntoIterator<Item = NastyKind>) -> Self {
        self.kinds = kinds.into_iter().fold(0, |bits, kind| bits | kind.bit());
        self
    }

    /// In every kind but these.
    #[must_use]
    pub fn without(mut self, kinds: impl IntoIterator<Item = NastyKind>) -> Self {
        self.kinds = kinds
            .into_iter()
            .fold(self.kinds, |bits, kind| bits & !kind.bit());
        self
    }

    /// What is strange about the next object.
    pub(crate) fn draw(self, rng: &mut fastrand::Rng) -> Oddities {
        if self.share <= 0.0 || rng.f64() >= self.share {
            return Oddities::default();
        }
        let enabled: Vec<NastyKind> = NastyKind::ALL
            .into_iter()
            .filter(|kind| self.kinds & kind.bit() != 0)
            .collect();
        let certain = rng.choice(&enabled).copied();
        let drawn = enabled
            .iter()
            .filter(|kind| Some(**kind) == certain || rng.bool());
        Oddities(drawn.fold(0, |bits, kind| bits | kind.bit()))
    }
}

/// What is strange about one object.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Oddities(u8);

impl Oddities {
    pub(crate) fn has(self, kind: NastyKind) -> bool {
        self.0 & kind.bit() != 0
    }

    /// Everything strange but NUL, for an account whose objects owe each other nothing.
    pub(crate) fn free() -> Self {
        Self(!(NastyKind::Nul.bit() | NastyKind::Dangling.bit()))
    }

    /// Whether the object is free to contradict itself and others.
    pub(crate) fn is_incoherent(self) -> bool {
        self.has(NastyKind::Shapes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_of_strange_objects_is_the_one_that_was_asked_for() {
        let mut rng = fastrand::Rng::with_seed(1);
        let strange = |nasty: Nasty, rng: &mut fastrand::Rng| {
            (0..10_000).filter(|_| nasty.draw(rng).0 != 0).count()
        };
        assert_eq!(strange(Nasty::none(), &mut rng), 0);
        assert_eq!(strange(Nasty::new(1.0), &mut rng), 10_000);
        let some = strange(Nasty::new(0.2), &mut rng);
        assert!((1_800..2_200).contains(&some), "{some}");
        let texts = Nasty::new(1.0).only([NastyKind::Texts]);
        assert!(!texts.draw(&mut rng).has(NastyKind::Nul));
        assert!(texts.draw(&mut rng).has(NastyKind::Texts));
        let rest = Nasty::new(1.0).without([NastyKind::Nul, NastyKind::Texts]);
        let drawn: Vec<Oddities> = (0..100).map(|_| rest.draw(&mut rng)).collect();
        let any = |kind| drawn.iter().any(|odd| odd.has(kind));
        assert!(!any(NastyKind::Nul) && !any(NastyKind::Texts));
        assert!(any(NastyKind::Amounts) && any(NastyKind::Shapes));
    }
}
