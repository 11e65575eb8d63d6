use pasha::functor::{Functor, Item, Items};

struct Frames;

impl<'a> Items<'a> for Frames {
    type Item = &'a [f64];
}

impl Functor for Frames {
    type State = ();

    fn items(&self) -> pasha::Result<usize> {
        Ok(3)
    }

    fn state(&self) -> pasha::Result<()> {
        Ok(())
    }

    fn item<'a>(&'a self, _state: &'a mut (), index: usize) -> pasha::Result<Item<'a, Self>> {
        let frame = vec![index as f64; 3];
        Ok(&frame)
    }
}

fn main() {}
