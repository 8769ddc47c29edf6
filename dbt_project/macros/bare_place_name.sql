{% macro bare_place_name(column) -%}
    {#- A written name, in lower case, without the words around it that make it a council's, a district's or London's:
        'leeds city council' → 'leeds', 'royal borough of greenwich' → 'greenwich', 'cyngor sir gwynedd' → 'gwynedd'. -#}
    regexp_replace(
        regexp_replace(
            {{ column }},
            '( (metropolitan|london|royal|county|city|district|unitary|borough|boro|town|municipal|corporation|council'
            || '|authority|area|centre|region|england|wales|scotland|uk|mbc|bc|cc|dc|ua|lb))+$',
            ''
        ),
        '^((the |greater |central )?((london|royal|metropolitan|county|city|municipal|district|town|and|borough'
        || '|council|corporation) )*(borough|city|county|district|council|corporation|town) of '
        || '|lb (of )?|rb (of )?|mb (of )?|royal |the |greater |central |near '
        || '|cyngor (bwrdeistref sirol|bwrdeistref|sir|dinas|dosbarth)? ?)',
        ''
    )
{%- endmacro %}
