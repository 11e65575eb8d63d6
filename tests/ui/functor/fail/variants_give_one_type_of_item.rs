#[derive(pasha::Functor)]
enum Frames {
    _Ready(Vec<f64>),
    _Raw(Vec<u16>),
}

#[derive(pasha::Functor)]
enum Generic<A, B> {
    _One(A),
    _Other(B),
}

fn main() -> pasha::Result<()> {
    #[pasha::kernel]
    fn nothing(_worker_id: usize, _index: usize, _value: &f64) {}

    pasha::map(nothing {}, &Generic::<Vec<f64>, Vec<u16>>::_One(vec![1.0]))?;
    Ok(())
}
