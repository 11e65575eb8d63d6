#[derive(Functor)]
struct Frames<'a>(ArrayView3<'a, u16>);

#[derive(Functor)]
struct Columns(#[functor(axis = 1)] Array2<f64>, #[functor(skip)] String);
