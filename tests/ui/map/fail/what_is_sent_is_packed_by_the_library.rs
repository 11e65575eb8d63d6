use std::ptr::NonNull;

use pasha::__private::{Packed, Parcel};
use pasha::functor::{Functor, Item, Items};

struct Private<'a>(&'a [String]);

impl<'i> Items<'i> for Private<'_> {
    type Item = &'i String;
}

impl Functor for Private<'_> {
    type State = ();

    fn items(&self) -> pasha::Result<usize> {
        Ok(self.0.len())
    }

    fn state(&self) -> pasha::Result<()> {
        Ok(())
    }

    fn item<'i>(&'i self, (): &'i mut (), index: usize) -> pasha::Result<Item<'i, Self>> {
        Ok(&self.0[index])
    }

    fn pack(&self, _parcel: &mut Parcel<'_>) -> Option<Packed<Self>> {
        Some(Packed { at: NonNull::from(self).cast(), open: |_, _| Private(&[]) })
    }
}

fn main() {}
