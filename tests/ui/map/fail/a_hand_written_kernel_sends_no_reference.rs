use std::cell::Cell;

use pasha::__private::{Lent, Passage, Way};
use pasha::kernel::{Kernel, Param, Plain, Slots, Takes};

thread_local! {
    static KEPT: Cell<&'static [bool]> = const { Cell::new(&[]) };
}

/// Makes up how it is sent.
struct MadeUp(&'static [String]);

impl Kernel for MadeUp {
    type Binds = (Param<&'static [String]>, ());

    fn bind(self) -> Self::Binds {
        (Param { value: self.0, way: Way(Some(|parcel, value| None)) }, ())
    }
}

/// Has a way that is for what is lent.
struct Kept(&'static [bool]);

impl Kernel for Kept {
    type Binds = (Param<&'static [bool]>, ());

    fn bind(self) -> Self::Binds {
        (Passage::of(&self.0).find().param(self.0), ())
    }
}

/// Keeps what it is lent.
struct Lends(&'static [bool]);

impl Kernel for Lends {
    type Binds = (Lent<&'static [bool]>, ());

    fn bind(self) -> Self::Binds {
        (Passage::of(&self.0).find().lent(self.0), ())
    }
}

impl Takes<u64> for Lends {
    type Output = Plain<()>;

    fn call(_: usize, _: usize, _: u64, Slots((lent, ())): Slots<'_, Self::Binds>) -> Plain<()> {
        KEPT.set(lent);
        Plain(())
    }
}

fn main() {}
