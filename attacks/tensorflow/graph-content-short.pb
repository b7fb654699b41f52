
2
cConst*
dtype0*
valueB"1234"ª