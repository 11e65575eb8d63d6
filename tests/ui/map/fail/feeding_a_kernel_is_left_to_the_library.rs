use pasha::functor::{Functor, Item, Items};
use pasha::kernel::{Feeds, Maps, Plain, Slots};

#[pasha::kernel]
fn nothing(_worker_id: usize, _index: usize, _value: &f64) {}

struct Liar;

impl Items<'_> for Liar {
    type Item = u8;
}

impl Functor for Liar {
    type State = ();

    fn items(&self) -> pasha::Result<usize> {
        Ok(1)
    }

    fn state(&self) -> pasha::Result<()> {
        Ok(())
    }

    fn item<'a>(&'a self, (): &'a mut (), _index: usize) -> pasha::Result<Item<'a, Self>> {
        Ok(0)
    }
}

impl Feeds<nothing> for Liar {
    type Value = ();
    type Output = Plain<()>;

    fn feed(_worker: usize, _index: usize, _item: u8, _slots: Slots<'_, ()>) -> Plain<()> {
        Plain(())
    }
}

impl Maps<nothing> for Liar {
    fn run(_worker: usize, _index: usize, _item: u8, _slots: Slots<'_, ()>) -> Result<(), String> {
        Ok(())
    }
}

fn main() {}
