"""Words that accounts of any kind are told in, so that sharing them says nothing: the most frequent words of English of
four letters and more, and the words in which hate is reported.

The frequent words are those of the General Service List's first thousand (West 1953, Browne 2013); the words of
reporting come from the questions on the True Vision and support services' forms. How rare any other word is, the hub's
own reports tell.
"""

STOCK_WORDS = frozenset(
    """
    able about above abuse abused abusive accept account accounts across action actually added address after afternoon
    again against ages agree ahead alleged allow almost alone along already also although always among anger angry
    anonymous another answer anti anybody anyone anything anyway anywhere appear area around arrive asked asking assault
    attack attacked away back based beat became because become been before began begin behind being believe below beside
    best better between beyond bill bits black blame block board body both break bring broke brother brought build
    building business call called calling calls came cannot care carried carry case cases cause certain chance change
    channel child children city clear clip close closed come comes coming comment commented comments common community
    complaint concerned content continue could country couple course cover crime criminal crowd dark daughter deal dead
    death decided describe described description details detail didn different directed disabled does doesn doing done
    door doors down drive drove during each early either else email encouraged ends enough enter even evening event ever
    every everybody everyone everything evidence exact exactly except expect explain expressed extremely face fact
    family father fear feel feeling feels fell felt female find first following follow followed follower force forced
    form forward forwarded found four friend friends from front full further gave general getting girl girls give given
    gives giving goes going gone good great group groups hand happen happened happening happens hard hate hateful hatred
    have having head hear heard help here herself high himself hold home homophobic hope hour hours house however
    hurt husband idea identity image immediately important incident incidents include included including indeed
    information inside instead insult insulted insulting into involved islamophobic issue itself just keep kept kind
    kinds knew know known language large last late later least leave left less letter life like likely line link linked
    lived lives living local long longer look looked looking lost lots loud made main make makes making many matter
    maybe mean means meant meet member members mention mentioned message messages might mind mine minute minutes
    moment month months more morning most mother move moved much must myself name named names near nearby need needed
    never next night nobody none normal note nothing notice number occurred offence offended offensive offline often
    older once online only open opened openly other others ought outside over page parent parents part party passed past
    people perhaps person personal persons phone photo picture piece place placed places platform please point police
    possible post posted posting posts present previous private probably problem profile public publicly published
    question quite race racial racist racism rather read reading ready real really reason received recent recently
    record recorded refused regarding related relative religion religious remark remarks remember removed repeat
    repeated reply replied report reported reporter reporting reports respond response result right room running safe
    said same saying says scared screen screenshot second seems seen send sent serious service session several shared
    share sharing should shout shouted shouting show showed showing shown side similar simply since sister
    site situation
    small social some somebody someone something sometimes somewhere soon sort speak speech spoke spoken staff stand
    standing start started state statement stay still stood stop stopped story straight strange stranger street strong
    such suddenly support supposed sure take taken taking talk talking target targeted tell telling than thank thanks
    that their them themselves then there these they thing things think this those though thought thread threat threaten
    threatened threatening threats three through time times today together told tomorrow took toward towards town
    transphobic tried true trying turn turned twice under understand unknown unpleasant until upon upset used user using
    usual usually verbal verbally very victim victims video view viewed violence violent visit wait waited waiting
    walk walked walking want wanted wants watch watched watching weapon week weeks well went were what whatever when
    where whether which while white whole whom whose wife will wish with within without witness witnessed woman women
    word words work worked working world worried worse would write writing written wrong wrote year years yesterday
    young your yourself antisemitic antisemitism islamophobia homophobia transphobia disability disabled faith
    jewish muslim muslims jews gypsy traveller travellers transgender lesbian asian african immigrants immigrant
    foreigners foreigner refugees refugee sikh hindu christian christians catholic roma
    """.split()  # noqa: SIM905 - hundreds of words, which a list would put on a line each
)
