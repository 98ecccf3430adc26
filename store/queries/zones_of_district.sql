-- Which development zones lie in a district, and under which code are they counted?
select z.name, z.code, z.district, d.name as district_name, z.hosts, z.aliases, z.english
from zones z
left join districts d on d.code = z.district and d.valid_to is null
where $district::varchar is null
    or lies_in(z.city, $district::varchar)
    or len(list_filter(z.hosts, lambda host: lies_in(host, $district::varchar))) > 0
order by z.district, z.name
