//! Several functors walked together.

use std::ops::{ControlFlow, Range};

use super::reference::packed;
use super::{Functor, Item, Items, lengths};
use crate::error::Result;

/// Walks two functors together; [`Zip::and`] adds more, up to six.
///
/// An item is the flat tuple of the items of the parts, which a kernel takes as so many parameters. The parts must have
/// as many items as each other, or the map is an error that names two which have not. Give references to keep them.
///
/// The parts are asked for one item each, index by index: one that would read ahead, mapped over alone, does not do so here.
///
/// ```
/// use pasha::functor::zip;
/// use pasha::prelude::*;
///
/// #[pasha::kernel]
/// fn calibrate(_worker_id: usize, _index: usize, &raw: &u16, &offset: &f64, &gain: &f64, #[out] energy: &mut f64) {
///     *energy = gain * (f64::from(raw) - offset);
/// }
///
/// let raw = [10_u16, 20, 30];
/// let offsets = vec![1.0, 2.0, 3.0];
/// let gains = [2.0, 2.0, 0.5];
/// let ctx = Context::serial();
/// let mut energy = ctx.alloc::<f64>().shape(3).build()?;
/// ctx.map(calibrate { energy: &mut energy }, zip(&raw, &offsets).and(&gains))?;
/// assert_eq!(energy.to_vec(), [18.0, 36.0, 13.5]);
/// # Ok::<(), pasha::Error>(())
/// ```
pub fn zip<A: Functor, B: Functor>(a: A, b: B) -> Zip<(A, B)> {
    Zip { parts: (a, b) }
}

/// From two to six functors walked together, as a tuple: what [`zip`] returns.
#[derive(Clone, Copy, Debug)]
pub struct Zip<Parts> {
    parts: Parts,
}

macro_rules! zip {
    ($nested:tt; $($Part:ident $name:ident $part:tt),*) => {
        impl<'a, $($Part: Functor),*> Items<'a> for Zip<($($Part,)*)> {
            type Item = ($(Item<'a, $Part>,)*);
        }

        impl<$($Part: Functor),*> Functor for Zip<($($Part,)*)> {
            type State = ($($Part::State,)*);

            packed!(|this, parcel| {
                let parts = parcel.nothing()?;
                $(let part = this.parts.$part.pack(parcel)?; let parts = parcel.both(parts, part)?;)*
                parcel.make(parts, |$nested| Self { parts: ($($name,)*) })
            });

            fn items(&self) -> Result<usize> {
                agree([$(self.parts.$part.items()?),*])
            }

            fn state(&self) -> Result<Self::State> {
                Ok(($(self.parts.$part.state()?,)*))
            }

            #[inline]
            fn item<'a>(&'a self, state: &'a mut Self::State, index: usize) -> Result<Item<'a, Self>> {
                Ok(($(self.parts.$part.item(&mut state.$part, index)?,)*))
            }

            // A visit of one part would lend its item for longer than the states of the others can be borrowed inside it.
            #[inline]
            fn visit(
                &self,
                state: &mut Self::State,
                share: Range<usize>,
                mut each: impl for<'a> FnMut(Item<'a, Self>) -> ControlFlow<()>,
            ) -> Result<()> {
                for index in share {
                    if each(($(self.parts.$part.item(&mut state.$part, index)?,)*)).is_break() {
                        break;
                    }
                }
                Ok(())
            }
        }
    };
}

zip!((((), a), b); A a 0, B b 1);
zip!(((((), a), b), c); A a 0, B b 1, C c 2);
zip!((((((), a), b), c), d); A a 0, B b 1, C c 2, D d 3);
zip!(((((((), a), b), c), d), e); A a 0, B b 1, C c 2, D d 3, E e 4);
zip!((((((((), a), b), c), d), e), f); A a 0, B b 1, C c 2, D d 3, E e 4, F f 5);

macro_rules! and {
    ($($Part:ident $part:tt),*) => {
        impl<$($Part: Functor),*> Zip<($($Part,)*)> {
            /// One more functor, whose item comes last in the tuple.
            pub fn and<Next: Functor>(self, next: Next) -> Zip<($($Part,)* Next,)> {
                Zip { parts: ($(self.parts.$part,)* next,) }
            }
        }
    };
}

and!(A 0, B 1);
and!(A 0, B 1, C 2);
and!(A 0, B 1, C 2, D 3);
and!(A 0, B 1, C 2, D 3, E 4);

fn agree<const PARTS: usize>(items: [usize; PARTS]) -> Result<usize> {
    let name = |part| if part == 0 { "part 0 of the zip".to_owned() } else { format!("part {part}") };
    lengths::agree(items, name, "zipped functors")
}
