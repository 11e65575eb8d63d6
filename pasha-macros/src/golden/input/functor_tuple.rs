#[derive(Functor)]
#[functor(item = Pair, crate = crate::psh)]
struct Zipped<'a>(Vec<u64>, #[functor(skip)] String, &'a [f64]);
