import random
R = random.Random(5)
case('ch_bar', [(x, 0.0, 10.0, w) for x in (0.0, -1.0, 3.0, 5.0, 9.99, 10.0, 11.0, 0.1) for w in (1.0, 10.0, 20.0, 80.0)] + [(R.uniform(-5, 105), 0.0, 100.0, 30.0) for _ in range(60)] + [(1.0, 0.0, 10.0, 0.0)], lambda x, a, b, w: f'bar({q(x)}, {q(a)}, {q(b)}, {q(w)})')
