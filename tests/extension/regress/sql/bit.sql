-- bit: distances
SELECT hamming_distance('111'::bit(3), '111'), hamming_distance('111'::bit(3), '110'), hamming_distance('111'::bit(3), '100'), '111'::bit(3) <~> '000';
SELECT hamming_distance(B'10101010101', B'01010101011'), hamming_distance(''::bit(1), ''::bit(1));
SELECT hamming_distance('111'::bit(3), '00'::bit(2));
SELECT jaccard_distance('1111'::bit(4), '1111'), jaccard_distance('1111'::bit(4), '1110'), jaccard_distance('1111'::bit(4), '1100'), '1111'::bit(4) <%> '1000', jaccard_distance('1111'::bit(4), '0000'), jaccard_distance('0000'::bit(4), '0000'), jaccard_distance('1100'::bit(4), '0011');
SELECT jaccard_distance('1111'::bit(4), '000'::bit(3));
SELECT hamming_distance(repeat('10', 5000)::bit(10000), repeat('01', 5000)::bit(10000)), jaccard_distance(repeat('110', 1000)::bit(3000), repeat('011', 1000)::bit(3000)) BETWEEN 0.66 AND 0.67;
SELECT hamming_distance('1'::bit varying, '0'::bit varying);
