use pasha::__private::{Packed, Parcel};
use pasha::functor::{Functor, Item, Items};

static TEXTS: [&str; 2] = ["one", "two"];

struct Texts(&'static [&'static str], Vec<u64>);

impl<'i> Items<'i> for Texts {
    type Item = &'i str;
}

impl Functor for Texts {
    type State = ();

    fn items(&self) -> pasha::Result<usize> {
        Ok(self.0.len())
    }

    fn state(&self) -> pasha::Result<()> {
        Ok(())
    }

    fn item<'i>(&'i self, (): &'i mut (), index: usize) -> pasha::Result<Item<'i, Self>> {
        Ok(self.0[index])
    }

    fn pack(&self, parcel: &mut Parcel<'_>) -> Option<Packed<Self>> {
        let numbers = self.1.pack(parcel)?;
        parcel.build(numbers, |numbers| Texts(&TEXTS, numbers))
    }
}

fn main() {}
