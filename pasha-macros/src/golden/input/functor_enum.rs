#[derive(Functor)]
enum Source<F> {
    Memory(Vec<f64>),
    File {
        #[functor(skip)]
        path: PathBuf,
        values: F,
    },
    Columns(#[functor(axis = 1)] Columns),
}
